import { BuildError, formatBytes } from '@container-os/core';
import { stat } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { readTar, type TarEntry } from '../tar/read.ts';
import type { LayerTar } from './content.ts';
import { ImageRoot, type Skipped } from './image-root.ts';
import { partsOf, textOf } from './name.ts';
import { newInode, PathFault, Tree, type Inode } from './tree.ts';
import { keptXattrs } from './xattrs.ts';

export interface FlattenOptions {
  /** Most bytes of all files of all layers. */
  maxBytes?: number;
  /** Most entries of all layers. */
  maxEntries?: number;
  signal?: AbortSignal;
}

/**
 * Applies the layers of an image, from the lowest, to an empty root, as image-spec's layer.md says. `path` is the uncompressed tar. Only headers are
 * read; nothing is written. Every name is resolved inside the root. Devices and FIFOs are left out, and so are extended attributes but `security.capability`
 * and `user.*`: `skipped` has them.
 *
 * @throws BuildError IMAGE_ENTRY_REFUSED with layer, entry and reason; IMAGE_TOO_LARGE; TAR_DAMAGED
 *
 * @example
 * const root = await flatten([{ path: await obtainLayer(layer, origin, context), diffId: layer.diffId }]);
 * for (const { path, mode } of root.entries()) log.info(`${mode.toString(8)} ${path}`);
 */
export async function flatten(layers: readonly { path: string; diffId: string }[], options: FlattenOptions = {}): Promise<ImageRoot> {
  const { maxBytes = 20e9, maxEntries = 2_000_000, signal } = options;
  const tree = new Tree();
  const skipped: Skipped[] = [];
  const total = { bytes: 0, entries: 0 };
  for (const [layer, { path, diffId }] of layers.entries()) {
    for (const entry of readTar(path)) {
      total.bytes += entry.size;
      if (++total.entries > maxEntries) throw tooLarge(diffId, `more than ${maxEntries} entries`, 'maxEntries');
      if (total.bytes > maxBytes) throw tooLarge(diffId, `more than ${formatBytes(maxBytes)} of files`, 'maxBytes');
      skipped.push(...explained(diffId, entry, () => apply(tree, entry, layer)));
      if (total.entries % 1024 > 0) continue;
      // Lets Ctrl-C through.
      await setImmediate();
      signal?.throwIfAborted();
    }
  }
  const tars = await Promise.all(layers.map(async ({ path }): Promise<LayerTar> => ({ path, size: (await stat(path)).size })));
  return new ImageRoot(tree, tars, skipped);
}

const WHITEOUT = '.wh.';
const OPAQUE = '.wh..wh..opq';
/** Names of AUFS's own, as `.wh..wh.plnk/`. */
const AUFS = '.wh..wh.';

/** Returns what of the entry was left out. @throws PathFault */
function apply(tree: Tree, entry: TarEntry, layer: number): Skipped[] {
  const parts = partsOf(entry.name);
  const name = parts.at(-1) ?? '';
  const above = parts.slice(0, -1);
  if (name === OPAQUE) return hide(tree, above, layer, true);
  if (parts.some((part) => part.startsWith(AUFS))) return [];
  if (above.some((part) => part.startsWith(WHITEOUT))) throw new PathFault(`names that begin with "${WHITEOUT}" are whiteouts, no directories`);
  if (name.startsWith(WHITEOUT)) return hide(tree, [...above, hiddenName(name)], layer, false);
  if (entry.type === 'link') {
    link(tree, parts, entry, layer);
    return [];
  }
  const path = parts.join('/');
  const { kept, left } = keptXattrs(entry);
  tree.put(parts, inodeOf(entry, entry.type, layer, kept), layer);
  return left.map((type) => ({ path, type }));
}

function hide(tree: Tree, parts: readonly string[], layer: number, opaque: boolean): [] {
  tree.hide(parts, layer, opaque);
  return [];
}

function hiddenName(whiteout: string): string {
  const name = whiteout.slice(WHITEOUT.length);
  if (name === '' || name === '.' || name === '..') throw new PathFault(`a whiteout of "${name}", which is no name in a directory`);
  return name;
}

function link(tree: Tree, parts: readonly string[], { linkname }: TarEntry, layer: number): void {
  const target = partsOf(linkname, 'the target');
  const inode = tree.find(target)?.inode;
  if (!inode) throw new PathFault(`a hard link to "${target.join('/')}", which neither this layer nor one below has`);
  if (inode.type === 'directory') throw new PathFault(`a hard link to "${target.join('/')}", which is a directory`);
  inode.shared = true;
  tree.put(parts, inode, layer);
}

function inodeOf(entry: TarEntry, type: Inode['type'], layer: number, xattrs: Inode['xattrs']): Inode {
  const { mode, uid, gid, size, offset, extents } = entry;
  // A squashfs has 32 bits without a sign.
  const mtime = Math.min(Math.max(entry.mtime, 0), 0xffffffff);
  // Linux has no other mode for a symlink.
  if (type === 'symlink') return newInode({ type, mode: 0o777, uid, gid, mtime, target: targetOf(entry.linkname) });
  return newInode({ type, mode, uid, gid, mtime, layer, offset, size, extents, xattrs });
}

function targetOf(linkname: Buffer): string {
  const target = textOf(linkname, 'the target of the symlink');
  if (target === '') throw new PathFault('a symlink to nothing');
  if (linkname.length > 4095) throw new PathFault(`a symlink whose target has ${linkname.length} bytes, more than 4095`);
  return target;
}

function explained<Result>(diffId: string, entry: TarEntry, action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof PathFault)) throw error;
    throw new BuildError('IMAGE_ENTRY_REFUSED', `layer ${diffId}, entry ${JSON.stringify(entry.name.toString())}: ${error.message}`, {
      cause: error,
      hint: 'No container gets a root with this entry. Take another version of the image, or build the image anew without the entry.',
    });
  }
}

function tooLarge(diffId: string, what: string, option: string): BuildError {
  return new BuildError('IMAGE_TOO_LARGE', `layer ${diffId}: the image has ${what}`, {
    hint: `If the image is meant to be so large, raise "${option}" in x-os.ociImages.`,
  });
}
