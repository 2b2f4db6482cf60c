import { cacheDir, ifThere } from '@container-os/core';
import { mkdir, mkdtemp, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { unpackDeb } from './deb.ts';
import { programEntries } from './elf.ts';
import { fetchFile, type FetchContext } from './fetch.ts';
import type { SourceFile } from './receipt.ts';

/**
 * Those of `candidates` that hold a shared library which the programs of `main` need, directly or not.
 * The dependencies of a package name more: what is needed to configure it, or loaded on rare occasions.
 */
export async function neededLibraries(main: SourceFile, candidates: readonly SourceFile[], context: FetchContext): Promise<SourceFile[]> {
  await mkdir(cacheDir('scratch'), { recursive: true });
  const root = await mkdtemp(join(cacheDir('scratch'), `libraries-${process.pid}-`));
  try {
    const mainFiles = await extract(main, root, context);
    const holders = new Map<string, SourceFile>();
    for (const file of candidates) for (const path of await extract(file, root, context)) holders.set(path, file);
    const programs: Record<string, string> = {};
    for (const path of mainFiles) if (await isElf(join(root, path))) programs[path] = path;
    const needed = (await programEntries(root, programs)).map(({ path }) => holders.get(path));
    return candidates.filter((file) => needed.includes(file));
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

/** Unpacks a Debian package over `root` and returns the paths of its files and symlinks. */
async function extract(file: SourceFile, root: string, context: FetchContext): Promise<string[]> {
  const paths = await unpackDeb(await fetchFile(file, context), root, context.signal);
  return paths.filter((path) => !path.endsWith('/'));
}

async function isElf(path: string): Promise<boolean> {
  const handle = await ifThere(open(path));
  if (!handle) return false;
  try {
    const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.equals(Buffer.from('\x7fELF', 'latin1'));
  } finally {
    await handle.close();
  }
}
