import { BuildError, cacheDir, exists, ifThere, run } from '@container-os/core';
import { createHash } from 'node:crypto';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { unpackDeb } from './deb.ts';
import { explainDiskFull } from './disk-full.ts';
import { exclusively } from './exclusive.ts';
import type { FetchContext } from './fetch.ts';
import { obtain, type ObtainedFile } from './obtain.ts';
import type { Receipt } from './receipt.ts';

/**
 * The source tree of a receipt with one archive: `.tar.*`, or a Debian package that holds
 * `usr/src/*.tar.*`. Unpacked once, under the cache directory, and shared by all builds: read it only.
 *
 * @throws BuildError SOURCE_NOT_ONE_ARCHIVE, DISK_FULL, those of fetching.
 *
 * @example
 * const source = await unpackTree(await readReceipt(context.artifact('sources'), 'linux'), context);
 */
export async function unpackTree(receipt: Receipt, context: FetchContext): Promise<string> {
  const tree = await unpackOnce(receipt, context, async (files, { root, scratch, signal }) => {
    const [file] = files;
    if (!file || files.length !== 1) throw notOneArchive(`source "${receipt.name}" has ${files.length} files, expected one archive`);
    const archive = file.name.endsWith('.deb') ? await innerArchive(file, scratch, signal) : file.path;
    await run(['tar', '--extract', '--no-same-owner', `--file=${archive}`, `--directory=${root}`], { signal });
  });
  const names = await readdir(tree);
  return names.length === 1 && names[0] ? join(tree, names[0]) : tree;
}

async function innerArchive(deb: ObtainedFile, scratch: string, signal: AbortSignal): Promise<string> {
  await unpackDeb(deb.path, scratch, signal);
  const names = (await ifThere(readdir(join(scratch, 'usr/src')))) ?? [];
  const name = names.find((one) => /\.tar\.\w+$/.test(one));
  if (!name) throw notOneArchive(`${deb.name} has no usr/src/*.tar.*`);
  return join(scratch, 'usr/src', name);
}

function notOneArchive(message: string): BuildError {
  return new BuildError('SOURCE_NOT_ONE_ARCHIVE', message, { hint: 'Pin one source archive, or a package that contains one, such as linux-source-6.12.' });
}

/** All Debian packages of a receipt, unpacked into one tree under the cache directory: read it only. */
export function unpackDebs(receipt: Receipt, context: FetchContext): Promise<string> {
  return unpackOnce(receipt, context, async (files, { root, signal }) => {
    for (const { path } of files) await unpackDeb(path, root, signal);
  });
}

type Unpack = (files: ObtainedFile[], into: { root: string; scratch: string; signal: AbortSignal }) => Promise<void>;

/** One process unpacks beside the final place and renames; what a killed one left is removed by the next. */
async function unpackOnce(receipt: Receipt, context: FetchContext, unpack: Unpack): Promise<string> {
  const key = createHash('sha256')
    .update(receipt.files.map(({ sha256 }) => sha256).join('\n'))
    .digest('hex')
    .slice(0, 16);
  const tree = cacheDir('trees', `${receipt.name}-${key}`);
  if (await exists(tree)) return tree;
  const files = await obtain(receipt, context);
  try {
    await mkdir(dirname(tree), { recursive: true });
    return await exclusively(tree, context, async (signal) => {
      if (await exists(tree)) return tree;
      const partial = `${tree}.partial`;
      await rm(partial, { recursive: true, force: true });
      const [root, scratch] = [join(partial, 'root'), join(partial, 'scratch')];
      for (const directory of [root, scratch]) await mkdir(directory, { recursive: true });
      try {
        await context.log.step(`unpack ${receipt.name} ${receipt.version}`, () => unpack(files, { root, scratch, signal }));
        await rename(root, tree);
        return tree;
      } finally {
        await rm(partial, { recursive: true, force: true });
      }
    });
  } catch (error) {
    throw explainDiskFull(error, dirname(tree));
  }
}
