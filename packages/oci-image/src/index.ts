export { obtainLayer } from './obtain-layer.ts';
export { readImageReceipt, writeImageReceipt, type ImageConfig, type ImageLayer, type ImageOrigin, type ImageReceipt } from './receipt.ts';
export type { ImageContext } from './content.ts';
export { resolveImage, type PullOptions } from './pull.ts';
export { readImageLock, type ImageLock } from './lock.ts';
export { updateImageLock } from './update-images/update.ts';
export type { RootEntry } from './root/entry.ts';
