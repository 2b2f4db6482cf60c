import { readManifest } from '@container-os/core';
import { readLayer } from '@container-os/cpio/fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Bytes. */
export interface Sizes {
  iso: number;
  /** bzImage. */
  kernel: number;
  initramfs: number;
  /** The root file system as it lies on the ISO. */
  rootfs?: number;
  /** Of the ISO: its files, its boot loaders, and what is left for the file system itself. */
  parts?: Named[];
  /** Uncompressed, the largest first. */
  layers?: Named[];
  /** The largest files of all layers, uncompressed; one that several layers have counts once. */
  files?: Named[];
}

export interface Named {
  name: string;
  bytes: number;
}

const LARGEST = 15;

/** Sizes of `files`; and, where `artifact` gives the directories of an image's artifacts, those of its root file system by layer and by file. */
export async function measureSizes(files: { iso: string; bzImage: string; initramfs: string }, artifact?: (name: string) => string): Promise<Sizes> {
  const [iso = 0, kernel = 0, initramfs = 0] = await Promise.all([files.iso, files.bzImage, files.initramfs].map(size));
  if (!artifact) return { iso, kernel, initramfs };
  const { details } = await readManifest(artifact('rootfs'));
  const layers = (details?.['layers'] as { layer: string; bytes: number }[]).map(({ layer, bytes }) => ({ name: layer, bytes }));
  const byPath = new Map<string, number>();
  for (const { name } of layers) {
    for (const entry of await readLayer(join(artifact(name), 'layer.cpio'))) if (entry.type === 'file') byPath.set(entry.path, entry.data.length);
  }
  const parts = Object.entries((await readManifest(artifact('iso'))).details?.['bytes'] as Record<string, number>).map(([name, bytes]) => ({
    name,
    bytes,
  }));
  return {
    iso,
    kernel,
    initramfs,
    parts: [...largestFirst(parts), { name: 'ISO 9660, partition table, padding', bytes: iso - parts.reduce((sum, { bytes }) => sum + bytes, 0) }],
    rootfs: await size(join(artifact('rootfs'), 'rootfs.squashfs')),
    layers: largestFirst(layers),
    files: largestFirst([...byPath].map(([name, bytes]) => ({ name, bytes }))).slice(0, LARGEST),
  };
}

async function size(file: string): Promise<number> {
  return (await stat(file)).size;
}

function largestFirst(named: Named[]): Named[] {
  return named.sort((a, b) => b.bytes - a.bytes || (a.name < b.name ? -1 : 1));
}
