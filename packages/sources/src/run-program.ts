import { run, type BuildContext, type RunOptions, type RunResult } from '@container-os/core';
import type { Entry } from '@container-os/cpio';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

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
    if (entry.type !== 'file') continue;
    await mkdir(dirname(join(root, entry.path)), { recursive: true });
    await writeFile(join(root, entry.path), entry.data, { mode: entry.mode });
  }
  const loader = entries.find(({ path }) => /\/ld-[\w.-]+\.so\.\d$/.test(path));
  const libraries = [...new Set(entries.filter(({ path }) => /\.so[.\d]*$/.test(path)).map(({ path }) => join(root, dirname(path))))];
  const start = loader ? [join(root, loader.path), '--library-path', libraries.join(':')] : [];
  const argv = [...start, join(root, program), ...args] as [string, ...string[]];
  return run(argv, { signal: context.signal, timeout: 30, ...options });
}
