import { BuildError } from '@container-os/core/portable';
import type { Definition } from './definition.ts';
import type { ImageService } from './image-service.ts';
import { nameFault } from './name.ts';
import type { OciBundleOptions } from './schema.d.ts';

/** A JSON Merge Patch, as it stands in the options. */
export type JsonObject = Record<string, unknown>;

/** The plan, as JSON. */
export interface BundlePlan {
  /** Keys that each container has for itself, over those of the service. */
  containers: (Partial<Definition> & { container_name: string })[];
  /** Where the receipt of the OCI image is that it is a container of: a file of another target's artifact. */
  image?: { target: string; file: string; maxBytes?: number; maxEntries?: number };
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
  { rootfs, image, build, service, containers, environment, contents, binds = [], patches, maxBytes, maxEntries }: OciBundleOptions,
  { target }: { target: string },
): BundlePlan {
  const roots = Object.entries({ rootfs, image, build }).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  if (roots.length !== 1)
    throw new BuildError('OPTION_INVALID', `${target}: expected one of "rootfs", "image" and "build", got ${roots.join(' and ') || 'none'}`, {
      hint: 'Give the parts of the root file system as "rootfs", or an OCI image as "image" or "build".',
    });
  const limits = { ...(maxBytes === undefined ? {} : { maxBytes }), ...(maxEntries === undefined ? {} : { maxEntries }) };
  return {
    containers: containers ?? [{ container_name: (service as ImageService).container_name ?? target.replace(/^bundle-/, '') }],
    ...(image === undefined ? {} : { image: { target: 'oci-images', file: `${image}.json`, ...limits } }),
    ...(build === undefined ? {} : { image: { target: build, file: 'image.json', ...limits } }),
    ...(rootfs === undefined ? {} : { rootfs }),
    service: service as ImageService,
    environment,
    contents,
    binds,
    patches,
  };
}

/** @throws BuildError CONTAINER_NAME_INVALID */
export function checkName(name: string): string {
  const fault = nameFault(name);
  if (fault === undefined) return name;
  throw new BuildError('CONTAINER_NAME_INVALID', `container name ${JSON.stringify(name)}: ${fault}`, {
    hint: 'Rename the service, or give it another "container_name".',
  });
}
