import { run, type BuildContext, type RunOptions, type RunResult } from '@container-os/core';
import { bytesOf, type Entry } from '@container-os/cpio';
import { mkdir, mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';

type Options = Pick<RunOptions, 'env' | 'input'>;

/**
 * Runs a program of a layer on this machine by the layer's own loader and libraries, to see that it
 * works before it is shipped. Needs no root: nothing is mounted or chrooted.
 *
 * @example
 * await runProgram(entries, 'usr/sbin/runc', ['--version'], context);
 */
export async function runProgram(entries: readonly Entry[], program: string, args: string[], context: BuildContext, options: Options = {}): Promise<RunResult> {
  const root = await mkdtemp(join(context.scratch, 'root-'));
  for (const entry of entries) {
    await mkdir(dirname(join(root, entry.path)), { recursive: true });
    if (entry.type === 'file') await writeFile(join(root, entry.path), bytesOf(entry.data), { mode: entry.mode });
    // An absolute one would lead to this machine's.
    else if (entry.type === 'symlink' && !isAbsolute(entry.target)) await symlink(entry.target, join(root, entry.path));
  }
  const loader = entries.find(({ path }) => /\/ld-[\w.-]+\.so\.\d$/.test(path));
  const libraries = [...new Set(entries.filter(({ path }) => /\.so[.\d]*$/.test(path)).map(({ path }) => join(root, dirname(path))))];
  const start = loader ? [join(root, loader.path), '--library-path', libraries.join(':')] : [];
  const argv = [...start, join(root, program), ...args] as [string, ...string[]];
  return run(argv, { signal: context.signal, timeout: 30, ...options });
}
