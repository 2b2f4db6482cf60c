import { BuildError } from '@container-os/core';
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

/** Sorted: neither the order of `dependsOn` nor that of `overrides` may change a byte. Error: `OMIT_UNKNOWN`. */
export function planRootfs({ omit = [], overrides = {}, compression = 'zstd' }: RootfsOptions, { dependsOn }: { dependsOn: readonly string[] }): RootfsPlan {
  const unknown = omit.find((name) => !dependsOn.includes(name));
  if (unknown !== undefined) throw new BuildError('OMIT_UNKNOWN', `"omit" names "${unknown}"; "dependsOn" has ${dependsOn.join(', ')}`, { hint: 'Correct the name, or remove it.' });
  return { targets: [...new Set(dependsOn)].filter((name) => !omit.includes(name)).sort(), overrides, compression };
}
