import { BuildError, exists, requireArtifact, sha256File, type TargetContext } from '@container-os/core';
import type { Layer } from '@container-os/cpio';
import { readLayer } from '@container-os/cpio/fs';
import { readRoot, rootFile, type WrittenRoot } from '@container-os/oci-image';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';

/** The size of a layer. */
export interface LayerSize {
  layer: string;
  /** Size of its archive. */
  bytes: number;
  entries: number;
  sha256: string;
}

/** What the targets of the layers made. */
export interface FoundLayers {
  layers: Layer[];
  sizes: LayerSize[];
  /** Roots of containers that are OCI images. */
  roots: WrittenRoot[];
}

/**
 * The layers that the targets `names` make. A target with nothing to add makes an empty layer. A container that is an OCI image has its
 * root beside its layer, as `root.ndjson`; those of further containers of the service are there too.
 *
 * @throws BuildError LAYER_NOT_A_DEPENDENCY (Nx would neither build it nor hash it), ARTIFACT_MISSING, LAYER_MISSING, and those of readLayer.
 */
export async function readLayers(names: readonly string[], context: Pick<TargetContext, 'artifact' | 'dependsOn' | 'image' | 'target'>): Promise<FoundLayers> {
  const found: FoundLayers = { layers: [], sizes: [], roots: [] };
  for (const name of names) {
    const { file, bytes } = await findLayer(name, context);
    const entries = await readLayer(file);
    found.layers.push({ name, entries });
    found.sizes.push({ layer: name, bytes, entries: entries.length, sha256: await sha256File(file) });
    for (let index = 0; ; index++) {
      const root = join(context.artifact(name), rootFile(index));
      if (!(await exists(root))) break;
      found.roots.push(await readRoot(root));
    }
  }
  return found;
}

async function findLayer(name: string, { artifact, dependsOn, image, target }: Parameters<typeof readLayers>[1]): Promise<{ file: string; bytes: number }> {
  if (!dependsOn.includes(name)) {
    throw new BuildError('LAYER_NOT_A_DEPENDENCY', `"layers" names "${name}", but ${image}:${target} depends on ${dependsOn.join(', ') || 'no target'}`, {
      hint: `Add "${name}" to "dependsOn" of "${target}", or correct the name in "layers".`,
    });
  }
  const file = join(artifact(name), 'layer.cpio');
  const bytes = await stat(file).then(
    ({ size }) => size,
    async (cause: NodeJS.ErrnoException) => {
      if (cause.code !== 'ENOENT') throw cause;
      await requireArtifact(artifact(name));
      throw new BuildError('LAYER_MISSING', `"layers" names "${name}", but that target did not make ${file}`, {
        cause,
        hint: `Remove "${name}" from "layers": only targets that make a layer.cpio belong there. In x-os.artifacts, write "layer: false" for it.`,
      });
    },
  );
  return { file, bytes };
}
