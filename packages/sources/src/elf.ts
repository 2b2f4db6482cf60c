import { BuildError, ifThere, run } from '@container-os/core';
import { fileEntry, type Entry } from '@container-os/cpio';
import { readFile, realpath } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** Where ld.so looks by default on Debian, relative to the root. */
const LIBRARY_PATH = ['usr/lib/x86_64-linux-gnu', 'lib/x86_64-linux-gnu', 'usr/lib64', 'lib64', 'usr/lib', 'lib'];

/**
 * Entries for programs of an unpacked tree and for every shared library and loader they need, found by
 * following PT_INTERP and DT_NEEDED (elf(5)) within `root` only. Symlinks become the file they lead to.
 * `programs` maps paths in `root` to paths in the image.
 *
 * @throws BuildError LIBRARY_MISSING, PROGRAM_MISSING.
 *
 * @example
 * await writeLayer(file, await programEntries(tree, { 'usr/sbin/runc': 'usr/sbin/runc' }));
 */
export async function programEntries(root: string, programs: Readonly<Record<string, string>>): Promise<Entry[]> {
  const entries = new Map<string, Entry>();
  const add = async (file: string, to: string): Promise<void> => {
    entries.set(to, fileEntry(to, await readFile(file), 0o755));
    const { loader, libraries } = await readDynamic(file);
    // The loader is found by the path that the program names, wherever the package has put it.
    if (loader && !entries.has(loader)) await add(await findLibrary(root, basename(loader), to).then(([found]) => found), loader);
    for (const name of libraries) {
      const [found, path] = await findLibrary(root, name, to);
      if (!entries.has(path) && !LOADER.test(name)) await add(found, path);
    }
  };
  for (const [from, to] of Object.entries(programs)) {
    const file = await resolve(root, from);
    if (!file)
      throw new BuildError('PROGRAM_MISSING', `${join(root, from)}: no such file`, {
        hint: 'The pinned package does not contain the file: check its name and version.',
      });
    await add(file, to);
  }
  return [...entries.values()];
}

/** libc needs the loader too, under its bare name. */
const LOADER = /^ld-linux/;

async function readDynamic(file: string): Promise<{ loader: string | undefined; libraries: string[] }> {
  const { stdout } = await run(['readelf', '--wide', '--program-headers', '--dynamic', file]);
  return {
    loader: /Requesting program interpreter: \/([^\]]+)\]/.exec(stdout)?.[1],
    libraries: [...stdout.matchAll(/\(NEEDED\)\s+Shared library: \[([^\]]+)\]/g)].map(([, name = '']) => name),
  };
}

/** The file of a library and its path in the image. */
async function findLibrary(root: string, name: string, neededBy: string): Promise<[file: string, path: string]> {
  for (const directory of LIBRARY_PATH) {
    const file = await resolve(root, join(directory, name));
    if (file) return [file, join(directory, name)];
  }
  throw new BuildError('LIBRARY_MISSING', `${neededBy} needs ${name}, which no package of the source contains`, {
    hint: 'Renew the pins, libraries included: run the target update-sources.',
  });
}

/** The file that `path` leads to; nothing outside `root` counts, such as the target of an absolute symlink. */
async function resolve(root: string, path: string): Promise<string | undefined> {
  const file = await ifThere(realpath(join(root, path)));
  return file?.startsWith(`${await realpath(root)}/`) ? file : undefined;
}
