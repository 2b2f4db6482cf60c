import { BuildError } from '@container-os/core';
import type { ImageService } from './image-service.ts';
import type { OciBundleOptions } from './schema.d.ts';

/** A JSON Merge Patch, as it stands in the options. */
export type JsonObject = Record<string, unknown>;

/** The plan, as JSON. */
export interface BundlePlan {
  /** The container's name if its service has no container_name. */
  name: string;
  /** The receipt of the OCI image that it is a container of. */
  image?: string;
  /** Parts of the root, where there is no such image. */
  rootfs?: string[];
  /** What the Compose file says of the container, unchecked. */
  service: ImageService;
  /** Where its environment is. */
  environment: OciBundleOptions['environment'];
  /** Patches in order; a string names a file of the image. */
  patches: (string | JsonObject)[];
}

export function planBundle({ rootfs, image, service, environment, patches }: OciBundleOptions, { target }: { target: string }): BundlePlan {
  if ((rootfs === undefined) === (image === undefined))
    throw new BuildError('OPTION_INVALID', `${target}: expected either "rootfs" or "image", got ${rootfs ? 'both' : 'neither'}`, {
      hint: 'Give the parts of the root file system as "rootfs", or an OCI image as "image".',
    });
  return {
    name: target.replace(/^bundle-/, ''),
    ...(image === undefined ? {} : { image }),
    ...(rootfs === undefined ? {} : { rootfs }),
    service: service as ImageService,
    environment,
    patches,
  };
}

/** A container's name is a DNS label: it names a directory, a cgroup, a runc container and a host. */
export function checkName(name: string): string {
  if (/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name)) return name;
  throw new BuildError('CONTAINER_NAME_INVALID', `container name ${JSON.stringify(name)}: expected 1 to 63 lower-case letters, digits and inner hyphens`, {
    hint: 'Rename the service, or give it a "container_name".',
  });
}
