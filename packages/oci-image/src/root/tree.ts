import { SOURCE_DATE_EPOCH } from '@container-os/core';
import type { Extent } from '../tar/sparse.ts';

/** What a name names. Hard links share it. One shape for all types, since an image may have millions. */
export interface Inode {
  /** Devices and FIFOs hide what lower layers have, but are no part of the root. */
  type: 'file' | 'directory' | 'symlink' | 'character' | 'block' | 'fifo';
  mode: number;
  uid: number;
  gid: number;
  mtime: number;
  /** Of a symlink. */
  target: string;
  /** Content of a file: index of the layer, offset in its tar, bytes. */
  layer: number;
  offset: number;
  size: number;
  extents: Extent[] | undefined;
  /** By name, base64. */
  xattrs: Record<string, string> | undefined;
  /** Whether more than one name was given to it. */
  shared: boolean;
}

/** A name in a directory. */
export interface Node {
  inode: Inode;
  /** Of a directory that has any. */
  children: Map<string, Node> | undefined;
  /** Index of the last layer that wrote this name, or one below. */
  touched: number;
}

/** Why a name cannot be used; whoever knows layer and entry makes it an error for the user. */
export class PathFault extends Error {}

/** As many as Linux follows, then it says ELOOP. */
const SYMLINKS_MAX = 40;

/** Linux's longest path has no more names. */
const DEPTH_MAX = 2048;

/** A root to which layers are applied, from the lowest. Symlinks are followed as in a chroot: absolute ones and `..` stay inside. */
export class Tree {
  readonly root: Node = node(impliedDirectory(), 0);

  /**
   * The directory that `parts` name, with those above it. Where there is none: undefined, or, if `make` says by which layer, missing ones
   * are made (0755, root).
   *
   * @throws PathFault with `make`, if a part is no directory, symlinks lead to one another, or directories are too deep
   */
  directory(parts: readonly string[], make?: { layer: number }): Node[] | undefined {
    const trail = [this.root];
    const left = [...parts].reverse();
    let followed = 0;
    for (let part = left.pop(); part !== undefined; part = left.pop()) {
      const above = trail.at(-1) ?? this.root;
      if (part === '' || part === '.') continue;
      if (part === '..') {
        if (trail.length > 1) trail.pop();
        continue;
      }
      const found = above.children?.get(part);
      if (found?.inode.type === 'symlink') {
        if (++followed > SYMLINKS_MAX && !make) return undefined;
        if (followed > SYMLINKS_MAX) throw new PathFault(`more than ${SYMLINKS_MAX} symlinks lead from "${parts.join('/')}"`);
        const { target } = found.inode;
        if (target.startsWith('/')) trail.length = 1;
        left.push(...target.split('/').reverse());
      } else if (found) {
        if (found.inode.type !== 'directory' && !make) return undefined;
        if (found.inode.type !== 'directory') throw new PathFault(`"${part}" in "${parts.join('/')}" is a ${found.inode.type}, not a directory`);
        trail.push(found);
      } else {
        if (!make) return undefined;
        if (trail.length > DEPTH_MAX) throw new PathFault(`directories are deeper than ${DEPTH_MAX}`);
        const made = node(impliedDirectory(), make.layer);
        (above.children ??= new Map()).set(part, made);
        trail.push(made);
      }
    }
    return trail;
  }

  /** The node of `parts`, of which the last is not followed if it is a symlink. */
  find(parts: readonly string[]): Node | undefined {
    const name = parts.at(-1);
    if (name === undefined || name === '..') return this.directory(parts)?.at(-1);
    return this.directory(parts.slice(0, -1))?.at(-1)?.children?.get(name);
  }

  /** Gives `inode` the name `parts`. A directory keeps what it has if it was one before; everything else replaces what was there. */
  put(parts: readonly string[], inode: Inode, layer: number): void {
    const name = parts.at(-1);
    const trail = this.directory(parts.slice(0, -1), { layer }) ?? [];
    for (const above of trail) above.touched = layer;
    const directory = trail.at(-1) ?? this.root;
    if (name === undefined) {
      if (inode.type !== 'directory') throw new PathFault(`the root is a directory, not a ${inode.type}`);
      directory.inode = inode;
      return;
    }
    const before = directory.children?.get(name);
    const children = before?.inode.type === 'directory' && inode.type === 'directory' ? before.children : undefined;
    (directory.children ??= new Map()).set(name, { inode, children, touched: layer });
  }

  /** Takes away what layers below `layer` have at `parts`, or, if `opaque`, in that directory. What `layer` itself wrote stays, be it before or after. */
  hide(parts: readonly string[], layer: number, opaque: boolean): void {
    if (opaque) {
      const directory = this.directory(parts)?.at(-1);
      if (directory) hideBelow(directory, layer);
      return;
    }
    const directory = this.directory(parts.slice(0, -1))?.at(-1);
    const name = parts.at(-1) ?? '';
    const found = directory?.children?.get(name);
    if (!directory || !found) return;
    if (found.touched < layer) directory.children?.delete(name);
    else hideBelow(found, layer);
  }
}

function hideBelow(directory: Node, layer: number): void {
  const pending = [directory];
  for (let next = pending.pop(); next; next = pending.pop()) {
    for (const [name, child] of next.children ?? []) {
      if (child.touched < layer) next.children?.delete(name);
      else pending.push(child);
    }
  }
}

function node(inode: Inode, touched: number): Node {
  return { inode, children: undefined, touched };
}

/** A directory for which no layer has an entry. */
function impliedDirectory(): Inode {
  return newInode({ type: 'directory', mode: 0o755, uid: 0, gid: 0, mtime: SOURCE_DATE_EPOCH });
}

export function newInode(facts: Pick<Inode, 'type' | 'mode' | 'uid' | 'gid' | 'mtime'> & Partial<Inode>): Inode {
  return { target: '', layer: 0, offset: 0, size: 0, extents: undefined, xattrs: undefined, shared: false, ...facts };
}
