import { sha256File, type BuildContext } from '@container-os/core';
import type { Layer } from '@container-os/cpio';
import { readLayer } from '@container-os/cpio/fs';
import { access, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** What a layer adds. */
export interface LayerSize {
  layer: string;
  /** Size of its archive. */
  bytes: number;
  entries: number;
  sha256: string;
}

/** The layers of `targets`. One without a layer, such as the kernel, adds nothing. */
export async function readLayers(targets: readonly string[], { artifact }: Pick<BuildContext, 'artifact'>): Promise<{ layers: Layer[]; sizes: LayerSize[] }> {
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
