export { planInitramfs, type Compression, type InitramfsPlan } from './plan.ts';
export { assembleRoot } from './root.ts';
export type { InitramfsOptions } from './schema.d.ts';
