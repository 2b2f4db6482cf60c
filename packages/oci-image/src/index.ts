export type { ImageConfig, ImageLayer, ImageOrigin, ImageReceipt } from './receipt.ts';
export type { RootEntry } from './root/entry.ts';
