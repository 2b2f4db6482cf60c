import type { RootfsOptions } from './schema.d.ts';
import type { Compression } from './squashfs.ts';

/** What is to be done, as JSON. */
export interface RootfsPlan {
  /** Targets whose layers, where they have one, are merged. */
  targets: string[];
  /** Paths by the target whose layer wins there. */
  overrides: Record<string, string[]>;
  compression: Compression;
}

/** Sorted: neither the order of `dependsOn` nor that of `overrides` may change a byte. */
export function planRootfs({ overrides = {}, compression = 'zstd' }: RootfsOptions, { dependsOn }: { dependsOn: readonly string[] }): RootfsPlan {
  return { targets: [...new Set(dependsOn)].sort(), overrides, compression };
}
