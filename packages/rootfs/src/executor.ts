import { defineExecutor, sha256File, type BuildContext, type ManifestInput } from '@container-os/core';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { obtainContainers } from './containers.ts';
import { readLayers } from './layers.ts';
import { planRootfs, type RootfsPlan } from './plan.ts';
import recipe from './recipe.json' with { type: 'json' };
import { reportSizes } from './report.ts';
import { assembleRoot } from './root.ts';
import type { RootfsOptions } from './schema.d.ts';
import { writeSquashfs } from './squashfs.ts';

const IMAGE = 'rootfs.squashfs';

/** Merges the layers of other targets into `rootfs.squashfs`. */
export default defineExecutor<RootfsOptions, RootfsPlan>({ recipe, plan: planRootfs, run: buildRootfs });

async function buildRootfs({ layers: names, overrides, compression }: RootfsPlan, context: BuildContext): Promise<ManifestInput> {
  const { out, log, logFile, signal } = context;
  const { layers, sizes, roots } = await readLayers(names, context);
  // The early init executes /sbin/init.
  const root = assembleRoot(layers, overrides, 'sbin/init');
  const containers = await obtainContainers(roots, root, context);
  const image = join(out, IMAGE);
  const { bytes: uncompressedBytes, entries } = await log.step('compress', () => writeSquashfs(image, root, compression, { containers, logFile, signal }));
  const size = { name: 'rootfs', compression, bytes: (await stat(image)).size, uncompressedBytes, entries };
  for (const line of reportSizes(sizes, size)) log.info(line);
  return {
    name: 'rootfs',
    // The hash of the content: layers have versions, the root has none.
    version: (await sha256File(image)).slice(0, 12),
    // The manifest of each layer has its licence.
    licence: 'NOASSERTION',
    details: { compression, uncompressedBytes, entries, layers: sizes },
  };
}
