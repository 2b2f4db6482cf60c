import type { RootfsOptions } from './schema.d.ts';
import type { Compression } from './squashfs.ts';

/** What is to be done, as JSON. */
export interface RootfsPlan {
  /** Targets whose layers are merged. */
  layers: string[];
  /** Paths by the target whose layer wins there. */
  overrides: Record<string, string[]>;
  compression: Compression;
}

/** Sorted: the order of `layers` may not change a byte. */
export function planRootfs({ layers, overrides, compression }: RootfsOptions): RootfsPlan {
  return { layers: [...new Set(layers)].sort(), overrides, compression };
}
