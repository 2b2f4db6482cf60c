import { defineExecutor, readHostTools, requireHostTools, sha256File, type BuildContext, type ManifestInput } from '@container-os/core';
import type { Layer } from '@container-os/cpio';
import { readLayer, writeLayer } from '@container-os/cpio/fs';
import { access, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { compress, toolchain } from './compress.ts';
import { planInitramfs, type InitramfsPlan } from './plan.ts';
import { reportSizes, type LayerSize } from './report.ts';
import { assembleRoot } from './root.ts';
import type { InitramfsOptions } from './schema.d.ts';

const hostTools = readHostTools(import.meta.url, '../host-tools.json');

const ARCHIVE = 'initramfs.cpio';
const IMAGE = 'initramfs.img';

/** Merges the layers of the targets it depends on into `initramfs.img`. */
export default defineExecutor<InitramfsOptions, InitramfsPlan>({ plan: planInitramfs, run: buildInitramfs });

async function buildInitramfs({ compression, targets, overrides }: InitramfsPlan, context: BuildContext): Promise<ManifestInput> {
  const { out, log, logFile, signal } = context;
  if (compression !== 'none') await requireHostTools({ [compression]: hostTools[compression] ?? compression }, 'initramfs');
  const { layers, sizes } = await readLayers(targets, context);
  const root = assembleRoot(layers, overrides);
  await writeLayer(join(out, ARCHIVE), root);
  const uncompressedBytes = (await stat(join(out, ARCHIVE))).size;
  const version = (await sha256File(join(out, ARCHIVE))).slice(0, 12);
  await log.step(`compress (${compression})`, () => compress(compression, out, ARCHIVE, IMAGE, { logFile, signal }));
  const size = { compression, bytes: (await stat(join(out, IMAGE))).size, uncompressedBytes, entries: root.length };
  for (const line of reportSizes(sizes, size)) log.info(line);
  return {
    name: 'initramfs',
    // Of its content: layers have versions, their sum has none.
    version,
    // Each layer's own manifest says it.
    licence: 'NOASSERTION',
    toolchain: await toolchain(compression),
    details: { compression, uncompressedBytes, entries: root.length, layers: sizes },
  };
}

/** A target without a layer, such as the kernel, adds nothing. */
async function readLayers(targets: readonly string[], { artifact }: BuildContext): Promise<{ layers: Layer[]; sizes: LayerSize[] }> {
  const layers: Layer[] = [];
  const sizes: LayerSize[] = [];
  for (const name of targets) {
    const file = join(artifact(name), 'layer.cpio');
    if (!(await access(file).then(() => true, () => false))) continue;
    const entries = await readLayer(file);
    layers.push({ name, entries });
    sizes.push({ layer: name, bytes: (await stat(file)).size, entries: entries.length, sha256: await sha256File(file) });
  }
  return { layers, sizes };
}
