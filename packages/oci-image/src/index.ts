export type { ImageConfig, ImageLayer, ImageOrigin, ImageReceipt } from './receipt.ts';
export type { RootEntry } from './root/entry.ts';
export { flatten, type FlattenOptions } from './root/flatten.ts';
export type { ImageRoot, Skipped } from './root/image-root.ts';
export { readRoot, writeRoot, type RootHeader, type WrittenRoot } from './root/ndjson.ts';
export { placeEntry, placeRoot, type Placement } from './root/place.ts';
