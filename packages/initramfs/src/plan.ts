import type { InitramfsOptions } from './schema.d.ts';

export type Compression = NonNullable<InitramfsOptions['compression']>;

/** What is to be done, as JSON. */
export interface InitramfsPlan {
  compression: Compression;
  /** Targets whose layers, where they have one, are merged. */
  targets: string[];
  /** Paths by the target whose layer wins there. */
  overrides: Record<string, string[]>;
}

/** Sorted: neither the order of `dependsOn` nor that of `overrides` may change a byte. */
export function planInitramfs({ compression = 'zstd', overrides = {} }: InitramfsOptions, { dependsOn }: { dependsOn: readonly string[] }): InitramfsPlan {
  return { compression, targets: [...new Set(dependsOn)].sort(), overrides };
}
