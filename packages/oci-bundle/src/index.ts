export { baseConfig, type OciConfig } from './base-config.ts';
export { makeConfig } from './config.ts';
export { planBundle, type BundlePlan } from './plan.ts';
export type { OciBundleOptions } from './schema.d.ts';
