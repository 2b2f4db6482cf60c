import { BuildError } from '@container-os/core';
import type { OciBundleOptions } from './schema.d.ts';

/** A JSON Merge Patch, as it stands in the options. */
export type JsonObject = Record<string, unknown>;

/** The plan, as JSON. */
export interface BundlePlan {
  /** The container's name if its service has no container_name. */
  name: string;
  /** What the image says of the container, unchecked. */
  definition: object;
  /** Where its environment is. */
  environment: OciBundleOptions['environment'];
  /** Patches in order; a string names a file of the image. */
  patches: (string | JsonObject)[];
}

export function planBundle({ rootfs, service, environment, patches }: OciBundleOptions, { target }: { target: string }): BundlePlan {
  return { name: target.replace(/^bundle-/, ''), definition: { rootfs, ...service }, environment, patches };
}

/** A container's name is a DNS label: it names a directory, a cgroup, a runc container and a host. */
export function checkName(name: string): string {
  if (/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name)) return name;
  throw new BuildError('CONTAINER_NAME_INVALID', `container name ${JSON.stringify(name)}: expected 1 to 63 lower-case letters, digits and inner hyphens`, {
    hint: 'Rename the service, or give it a "container_name".',
  });
}
