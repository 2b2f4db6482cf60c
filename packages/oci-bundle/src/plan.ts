import { BuildError } from '@container-os/core';
import type { OciBundleOptions } from './schema.d.ts';

/** A JSON Merge Patch, as it stands in the options. */
export type JsonObject = Record<string, unknown>;

/** The plan, as JSON. */
export interface BundlePlan {
  /** The container's name if its definition has none. */
  name: string;
  /** A file of the image. */
  definition: string;
  /** Patches in order; a string names a file of the image. */
  patches: (string | JsonObject)[];
}

export function planBundle({ definition, patches }: OciBundleOptions, { target }: { target: string }): BundlePlan {
  return { name: target.replace(/^bundle-/, ''), definition, patches };
}

/** A container's name is a DNS label: it names a directory, a cgroup, a runc container and a host. */
export function checkName(name: string): string {
  if (/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name)) return name;
  throw new BuildError('CONTAINER_NAME_INVALID', `container name ${JSON.stringify(name)}: expected 1 to 63 lower-case letters, digits and inner hyphens`, {
    hint: 'Correct "container_name" of the definition, or name the target bundle-<container>.',
  });
}
