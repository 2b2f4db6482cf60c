export { readLayers } from './layers.ts';
export { reportSizes } from './report.ts';
export { assembleRoot } from './root.ts';
export { writeSquashfs } from './squashfs.ts';
