export { COMPRESSORS } from './compress.ts';
export { planInitramfs, type Compression, type InitramfsPlan } from './plan.ts';
export type { InitramfsOptions } from './schema.d.ts';
