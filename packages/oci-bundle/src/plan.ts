import { BuildError } from '@container-os/core';
import type { OciBundleOptions } from './schema.d.ts';

/** A JSON Merge Patch, as it stands in the options. */
export type JsonObject = Record<string, unknown>;

/** What is to be done, as JSON. */
export interface BundlePlan {
  name: string;
  /** A later part wins over an earlier one. */
  parts: ({ layer: string } | { directory: string })[];
  /** Patches in order; text is a file of the image. */
  config: (string | JsonObject)[];
}

export function planBundle(options: OciBundleOptions, { target, dependsOn }: { target: string; dependsOn: readonly string[] }): BundlePlan {
  const { name, rootfs, config = [] } = options;
  return {
    name: checkName(name ?? target.replace(/^bundle-/, '')),
    parts: rootfs.map((part) => (dependsOn.includes(part) ? { layer: part } : { directory: part })),
    config,
  };
}

/** A DNS label: it is a directory, a cgroup, a runc id and a host name. */
function checkName(name: string): string {
  if (/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name)) return name;
  throw new BuildError('CONTAINER_NAME_INVALID', `container name ${JSON.stringify(name)}: expected 1 to 63 lower-case letters, digits and inner hyphens`, { hint: 'Correct the option "name", or name the target bundle-<container>.' });
}
