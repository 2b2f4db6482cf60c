import { BuildError, defineExecutor, sha256File, type BuildContext, type ManifestInput } from '@container-os/core';
import { writeLayer } from '@container-os/cpio/fs';
import { assembleRoot, readLayers, reportSizes } from '@container-os/rootfs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { compress } from './compress.ts';
import { planInitramfs, type InitramfsPlan } from './plan.ts';
import recipe from './recipe.json' with { type: 'json' };
import type { InitramfsOptions } from './schema.d.ts';

const ARCHIVE = 'initramfs.cpio';
const IMAGE = 'initramfs.img';

/** Merges the layers of other targets into `initramfs.img`. */
export default defineExecutor<InitramfsOptions, InitramfsPlan>({ recipe, plan: planInitramfs, run: buildInitramfs });

async function buildInitramfs({ compression, layers: names, overrides }: InitramfsPlan, context: BuildContext): Promise<ManifestInput> {
  const { out, log, logFile, signal } = context;
  const { layers, sizes, roots } = await readLayers(names, context);
  refuseRoots(roots.map(({ header }) => header.container));
  const root = assembleRoot(layers, overrides, 'init');
  await writeLayer(join(out, ARCHIVE), root);
  const uncompressedBytes = (await stat(join(out, ARCHIVE))).size;
  const version = (await sha256File(join(out, ARCHIVE))).slice(0, 12);
  await log.step(`compress (${compression})`, () => compress(compression, out, ARCHIVE, IMAGE, { logFile, signal }));
  const size = {
    name: 'initramfs',
    ...(compression === 'none' ? {} : { compression }),
    bytes: (await stat(join(out, IMAGE))).size,
    uncompressedBytes,
    entries: root.length,
  };
  for (const line of reportSizes(sizes, size)) log.info(line);
  return {
    name: 'initramfs',
    // The hash of the content: layers have versions, the initramfs has none.
    version,
    // The manifest of each layer has its licence.
    licence: 'NOASSERTION',
    details: { compression, uncompressedBytes, entries: root.length, layers: sizes },
  };
}

/** A cpio archive has no room for extended attributes, and an initramfs is all in memory. */
function refuseRoots(containers: readonly string[]): void {
  if (containers.length === 0) return;
  throw new BuildError('IMAGE_NEEDS_ROOTFS', `${containers.join(', ')}: a container that is an OCI image cannot be in the initramfs`, {
    hint: 'Add the target of the container to "layers" of a target "rootfs" of the image instead.',
  });
}
