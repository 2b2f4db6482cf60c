export { makeConfig, type ConfigSource } from './config.ts';
export { parseDefinition, type Definition } from './definition.ts';
export { firstId, ID_COUNT } from './id-range.ts';
export { ociConfig, type OciConfig } from './oci-config.ts';
export { planBundle, type BundlePlan } from './plan.ts';
export type { OciBundleOptions } from './schema.d.ts';
export { resolveSeccomp, type DockerProfile, type OciSeccomp } from './seccomp.ts';
export { readProfile } from './seccomp-profile.ts';
