import { comparePaths } from '@container-os/cpio';
import { LayerContent, type LayerTar } from './content.ts';
import type { RootEntry } from './entry.ts';
import type { Inode, Node, Tree } from './tree.ts';

/** What was left out of a root, and is told. */
export interface Skipped {
  path: string;
  /** `character`, `block` or `fifo`; or the name of an extended attribute. */
  type: string;
}

/** The flattened root of an image. Contents stay in the layers. */
export class ImageRoot {
  /** Bytes of all files. */
  readonly size: number;
  /** Number of entries. */
  readonly count: number;
  readonly skipped: readonly Skipped[];
  readonly #tree: Tree;
  readonly #tars: readonly LayerTar[];

  constructor(tree: Tree, tars: readonly LayerTar[], skippedXattrs: readonly Skipped[]) {
    this.#tree = tree;
    this.#tars = tars;
    const skipped = [...skippedXattrs];
    const seen = new Set<Inode>();
    let [size, count] = [0, 0];
    for (const [path, { inode }] of walk(tree.root, '')) {
      if (isSkipped(inode)) skipped.push({ path, type: inode.type });
      else count++;
      if (inode.type !== 'file' || seen.has(inode)) continue;
      if (inode.shared) seen.add(inode);
      size += inode.size;
    }
    [this.size, this.count, this.skipped] = [size, count, skipped];
  }

  /** Mode, owner and date of the root directory itself, whose path is "". */
  get directory(): RootEntry {
    return this.#toEntry('', this.#tree.root.inode);
  }

  /** All entries but the root directory, sorted by the bytes of their paths. The first name of a file has the content; the others link to it. */
  *entries(): Generator<RootEntry> {
    const first = new Map<Inode, string>();
    for (const [path, { inode }] of walk(this.#tree.root, '')) {
      if (isSkipped(inode)) continue;
      const entry = this.#toEntry(path, inode);
      const hardLinkTo = first.get(inode);
      if (inode.shared && inode.type === 'file' && hardLinkTo === undefined) first.set(inode, path);
      yield entry.type === 'file' && hardLinkTo !== undefined ? { ...entry, data: new Uint8Array(0), hardLinkTo } : entry;
    }
  }

  /** The entry of `path` (`etc/passwd`), itself and not what it points to; a hard link with its content. Symlinks above it are followed inside the root. */
  get(path: string): RootEntry | undefined {
    const inode = this.#tree.find(path.split('/').filter((part) => part !== '' && part !== '.'))?.inode;
    return inode && !isSkipped(inode) ? this.#toEntry(path, inode) : undefined;
  }

  /** The entry to which `path` leads, all symlinks followed inside the root. Its path may lead through symlinks still. */
  resolve(path: string): RootEntry | undefined {
    for (let [at, hops] = [path, 0]; hops <= 40; hops++) {
      const entry = this.get(at);
      if (entry?.type !== 'symlink') return entry;
      at = entry.target.startsWith('/') ? entry.target : `${at.replace(/[^/]*\/*$/, '')}${entry.target}`;
    }
    return undefined;
  }

  #toEntry(path: string, inode: Inode): RootEntry {
    const { type, mode, uid, gid, mtime, xattrs } = inode;
    const common = { path, mode, uid, gid, mtime, ...(xattrs ? { xattrs } : {}) };
    if (type === 'symlink') return { ...common, type, target: inode.target };
    if (type === 'file') return { ...common, type, data: this.#contentOf(inode) };
    if (type === 'directory') return { ...common, type };
    throw new Error(`${path} is a ${type}, which no root has`);
  }

  #contentOf({ layer, offset, size, extents }: Inode): Uint8Array | LayerContent {
    const tar = this.#tars[layer];
    if (!tar) throw new Error(`layer ${layer} of ${this.#tars.length}`);
    return size === 0 ? new Uint8Array(0) : new LayerContent(tar, { layer, offset, size, ...(extents ? { extents } : {}) });
  }
}

function isSkipped({ type }: Inode): boolean {
  return type !== 'file' && type !== 'directory' && type !== 'symlink';
}

/** All below `directory`, by the bytes of their paths: `a`, `a-b`, `a/b`. */
function* walk(directory: Node, above: string): Generator<[path: string, node: Node]> {
  if (!directory.children) return;
  const steps = [...directory.children].flatMap(([name, child]): [string, Node][] =>
    child.children
      ? [
          [name, child],
          [`${name}/`, child],
        ]
      : [[name, child]],
  );
  for (const [name, child] of sorted(steps)) {
    if (name.endsWith('/')) yield* walk(child, `${above}${name}`);
    else yield [`${above}${name}`, child];
  }
}

function sorted(steps: [string, Node][]): [string, Node][] {
  // UTF-16 sorts as UTF-8 does but for surrogates, and is ten times as fast.
  const surrogates = steps.some(([name]) => /[\ud800-\udfff]/.test(name));
  return steps.sort(surrogates ? ([a], [b]) => comparePaths(a, b) : ([a], [b]) => (a < b ? -1 : 1));
}
