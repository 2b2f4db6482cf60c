import { BuildError } from '@container-os/core';
import type { ImageService } from './image-service.ts';
import type { OciBundleOptions } from './schema.d.ts';

/** A JSON Merge Patch, as it stands in the options. */
export type JsonObject = Record<string, unknown>;

/** The plan, as JSON. */
export interface BundlePlan {
  /** The container's name if its service has no container_name. */
  name: string;
  /** Where the receipt of the OCI image is that it is a container of: a file of another target's artifact. */
  image?: { target: string; file: string };
  /** Parts of the root, where there is no such image. */
  rootfs?: string[];
  /** What the Compose file says of the container, unchecked. */
  service: ImageService;
  /** Where its environment is. */
  environment: OciBundleOptions['environment'];
  /** Where its secrets and configs are. */
  contents: OciBundleOptions['contents'];
  /** Paths of the workspace that its volumes mount. */
  binds: string[];
  /** Patches in order; a string names a file of the image. */
  patches: (string | JsonObject)[];
}

export function planBundle(
  { rootfs, image, build, service, environment, contents, binds = [], patches }: OciBundleOptions,
  { target }: { target: string },
): BundlePlan {
  const roots = Object.entries({ rootfs, image, build }).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  if (roots.length !== 1)
    throw new BuildError('OPTION_INVALID', `${target}: expected one of "rootfs", "image" and "build", got ${roots.join(' and ') || 'none'}`, {
      hint: 'Give the parts of the root file system as "rootfs", or an OCI image as "image" or "build".',
    });
  return {
    name: target.replace(/^bundle-/, ''),
    ...(image === undefined ? {} : { image: { target: 'oci-images', file: `${image}.json` } }),
    ...(build === undefined ? {} : { image: { target: build, file: 'image.json' } }),
    ...(rootfs === undefined ? {} : { rootfs }),
    service: service as ImageService,
    environment,
    contents,
    binds,
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
