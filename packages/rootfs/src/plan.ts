import type { RootfsOptions } from './schema.d.ts';
import type { Compression } from './squashfs.ts';

/** The plan, as JSON. */
export interface RootfsPlan {
  /** Targets whose layers are merged. */
  layers: string[];
  /** By target: the paths for which its layer wins. */
  overrides: Record<string, string[]>;
  compression: Compression;
}

/** Sorts `layers`, because their order must not change a byte. */
export function planRootfs({ layers, overrides, compression }: RootfsOptions): RootfsPlan {
  return { layers: [...new Set(layers)].sort(), overrides, compression };
}
