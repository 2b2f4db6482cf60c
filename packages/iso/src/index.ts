export { grubConfig, type BootMenu } from './grub-config.ts';
export { planIso, type IsoPlan } from './plan.ts';
export type { IsoOptions } from './schema.d.ts';
