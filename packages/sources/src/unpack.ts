import { BuildError, cacheDir, run } from '@container-os/core';
import { createHash } from 'node:crypto';
import { access, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { FetchContext } from './fetch.ts';
import { obtain } from './obtain.ts';
import type { Receipt } from './receipt.ts';

/**
 * The source tree of a receipt with one archive, unpacked once under the cache directory and shared by
 * all builds: treat it as read-only. Knows `.tar.*` and a Debian package that holds `usr/src/*.tar.*`.
 */
export async function unpackTree(receipt: Receipt, context: FetchContext): Promise<string> {
  const tree = await unpackOnce(receipt, context, async (files, into) => {
    const [file] = files;
    if (!file || files.length !== 1) throw new BuildError('SOURCE_NOT_ONE_ARCHIVE', `source "${receipt.name}" has ${files.length} files, expected one archive`, { hint: 'Pin one source archive.' });
    if (!file.name.endsWith('.deb')) return untar(file.path, into, context);
    const deb = await mkdtemp(`${into}-deb-`);
    try {
      await run(['dpkg-deb', '--extract', file.path, deb], { signal: context.signal });
      const inner = (await readdir(join(deb, 'usr/src'))).find((name) => /\.tar\.\w+$/.test(name));
      if (!inner) throw new BuildError('SOURCE_NOT_ONE_ARCHIVE', `${file.name} has no usr/src/*.tar.*`, { hint: 'Pin a package that holds a source archive, such as linux-source-6.12.' });
      await untar(join(deb, 'usr/src', inner), into, context);
    } finally {
      await rm(deb, { recursive: true, force: true });
    }
  });
  const names = await readdir(tree);
  return names.length === 1 && names[0] ? join(tree, names[0]) : tree;
}

/** All Debian packages of a receipt, unpacked into one tree under the cache directory. */
export function unpackDebs(receipt: Receipt, context: FetchContext): Promise<string> {
  return unpackOnce(receipt, context, async (files, into) => {
    for (const { path } of files) await run(['dpkg-deb', '--extract', path, into], { signal: context.signal });
  });
}

function untar(archive: string, into: string, { signal }: FetchContext): Promise<unknown> {
  return run(['tar', '--extract', '--no-same-owner', `--file=${archive}`, `--directory=${into}`], { signal });
}

/** Unpacks beside the final place and renames: a killed run leaves nothing that looks complete. */
async function unpackOnce(receipt: Receipt, context: FetchContext, unpack: (files: Awaited<ReturnType<typeof obtain>>, into: string) => Promise<unknown>): Promise<string> {
  const key = createHash('sha256').update(receipt.files.map(({ sha256 }) => sha256).join('\n')).digest('hex');
  const tree = join(cacheDir('trees'), `${receipt.name}-${key.slice(0, 16)}`);
  if (await exists(tree)) return tree;
  const files = await obtain(receipt, context);
  await mkdir(dirname(tree), { recursive: true });
  const partial = await mkdtemp(`${tree}.partial-`);
  try {
    await context.log.step(`unpack ${receipt.name} ${receipt.version}`, async () => unpack(files, partial));
    await rename(partial, tree).catch(async (error: unknown) => {
      if (!(await exists(tree))) throw error;
    });
    return tree;
  } catch (error) {
    throw explain(error, tree);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

function explain(error: unknown, tree: string): unknown {
  if (!(error instanceof BuildError) || !/No space left on device/.test(error.message)) return error;
  return new BuildError('DISK_FULL', `no space left to unpack into ${dirname(tree)}`, { cause: error, hint: 'Free some space there, then run the same command again; nothing half-unpacked is left.' });
}

function exists(path: string): Promise<boolean> {
  return access(path).then(() => true, () => false);
}
