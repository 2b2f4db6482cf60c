import type { InitramfsOptions } from './schema.d.ts';

export type Compression = InitramfsOptions['compression'];

/** The plan, as JSON. */
export interface InitramfsPlan {
  compression: Compression;
  /** Targets whose layers are merged. */
  layers: string[];
  /** By target: the paths for which its layer wins. */
  overrides: Record<string, string[]>;
}

/** Sorts `layers`, because their order must not change a byte. */
export function planInitramfs({ layers, compression, overrides }: InitramfsOptions): InitramfsPlan {
  return { compression, layers: [...new Set(layers)].sort(), overrides };
}
