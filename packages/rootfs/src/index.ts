export { readLayers, type LayerSize } from './layers.ts';
export { reportSizes, type RootSize } from './report.ts';
export { assembleRoot } from './root.ts';
export { planRootfs, type RootfsPlan } from './plan.ts';
export type { RootfsOptions } from './schema.d.ts';
export { writeSquashfs, type Compression } from './squashfs.ts';
