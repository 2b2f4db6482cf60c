import { BuildError, type BuildContext } from '@container-os/core';
import type { Entry } from '@container-os/cpio';
import { obtainLayer, type RootEntry, type WrittenRoot } from '@container-os/oci-image';

/**
 * The entries of the containers that are OCI images, whose contents are read from the layers of the images: each layer is obtained and verified once.
 *
 * @throws BuildError LAYER_CONFLICT if `root` has a file where a container's root goes; those of obtainLayer
 */
export async function obtainContainers(roots: readonly WrittenRoot[], root: readonly Entry[], context: BuildContext): Promise<AsyncIterable<RootEntry>[]> {
  for (const { header } of roots) requirePlace(`containers/${header.container}/rootfs`, root);
  const tars = new Map<string, Promise<string>>();
  const containers: AsyncIterable<RootEntry>[] = [];
  for (const { header, entries } of roots) {
    const paths: string[] = [];
    for (const layer of header.layers) {
      // Its bundle has applied its own limit.
      const tar = tars.get(layer.diffId) ?? obtainLayer(layer, header.origin, context, { bytes: Infinity });
      tars.set(layer.diffId, tar);
      paths.push(await tar);
    }
    containers.push(entries(paths));
  }
  return containers;
}

function requirePlace(place: string, root: readonly Entry[]): void {
  const taken = root.find(({ path }) => path === place || path.startsWith(`${place}/`))?.path;
  if (taken === undefined) return;
  throw new BuildError('LAYER_CONFLICT', `a layer has ${taken}, where the root of a container goes that is an OCI image`, {
    hint: `Move the file away from ${place}, or add it to the image.`,
  });
}
