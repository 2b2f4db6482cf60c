import type { InitramfsOptions } from './schema.d.ts';

export type Compression = InitramfsOptions['compression'];

/** What is to be done, as JSON. */
export interface InitramfsPlan {
  compression: Compression;
  /** Targets whose layers are merged. */
  layers: string[];
  /** Paths by the target whose layer wins there. */
  overrides: Record<string, string[]>;
}

/** Sorted: the order of `layers` may not change a byte. */
export function planInitramfs({ layers, compression, overrides }: InitramfsOptions): InitramfsPlan {
  return { compression, layers: [...new Set(layers)].sort(), overrides };
}
