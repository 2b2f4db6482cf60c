import { BuildError, run } from '@container-os/core';
import type { Entry } from '@container-os/cpio';
import { fileEntry } from '@container-os/cpio';
import { access, readFile, realpath } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** Where ld.so looks by default on Debian, relative to the root. */
const LIBRARY_PATH = ['usr/lib/x86_64-linux-gnu', 'lib/x86_64-linux-gnu', 'usr/lib/aarch64-linux-gnu', 'lib/aarch64-linux-gnu', 'usr/lib64', 'lib64', 'usr/lib', 'lib'];

/**
 * Entries for programs of an unpacked tree and for every shared library and loader they need, found by
 * following PT_INTERP and DT_NEEDED (elf(5)) within `root` only. Symlinks become the file they lead to.
 * `programs` maps paths in `root` to paths in the image.
 *
 * Errors: `LIBRARY_MISSING`, `PROGRAM_MISSING`.
 *
 * @example
 * await writeLayer(file, await programEntries(tree, { 'usr/sbin/runc': 'usr/sbin/runc' }));
 */
export async function programEntries(root: string, programs: Readonly<Record<string, string>>): Promise<Entry[]> {
  const entries = new Map<string, Entry>();
  const pending = Object.entries(programs).map(([from, to]) => ({ file: join(root, from), to, neededBy: '' }));
  for (let next = pending.shift(); next; next = pending.shift()) {
    if (entries.has(next.to)) continue;
    if (!(await exists(next.file))) throw new BuildError('PROGRAM_MISSING', `${next.file} is not there`, { hint: 'The pinned package does not hold it: check name and version.' });
    entries.set(next.to, fileEntry(next.to, await readFile(await realpath(next.file)), 0o755));
    const { stdout } = await run(['readelf', '--wide', '--program-headers', '--dynamic', next.file]);
    const loader = /Requesting program interpreter: \/([^\]]+)\]/.exec(stdout)?.[1];
    if (loader) pending.push({ ...(await locate(root, basename(loader), next.to)), to: loader });
    for (const [, name = ''] of stdout.matchAll(/\(NEEDED\)\s+Shared library: \[([^\]]+)\]/g)) {
      const library = await locate(root, name, next.to);
      // The loader is a library too; it stands where programs ask for it.
      if (!name.startsWith('ld-linux')) pending.push(library);
    }
  }
  return [...entries.values()];
}

async function locate(root: string, name: string, neededBy: string): Promise<{ file: string; to: string; neededBy: string }> {
  for (const directory of LIBRARY_PATH) {
    const to = `${directory}/${name}`;
    if (await exists(join(root, to))) return { file: join(root, to), to, neededBy };
  }
  throw new BuildError('LIBRARY_MISSING', `${neededBy} needs ${name}, which none of the source's packages has`, { hint: 'Renew the pins with nx run <image>:update-sources: it takes the libraries along.' });
}

function exists(path: string): Promise<boolean> {
  return access(path).then(() => true, () => false);
}
