import { run, type RunOptions } from '@container-os/core';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Compression } from './plan.ts';

/** A host tool that makes `<file><suffix>` of `<file>`. */
interface Compressor {
  argv: readonly [string, ...string[]];
  suffix: string;
}

/** The formats that the kernel reads, at the levels its own build uses (scripts/Makefile.lib). */
export const COMPRESSORS: Record<Exclude<Compression, 'none'>, Compressor> = {
  // Level 19 has a window of 8 MiB; --ultra's 128 MiB would be allocated at boot. Blocks of 8 MiB give
  // two cores work, and the same bytes whatever the number of cores.
  zstd: { argv: ['zstd', '-19', '-T0', '-B8388608', '--quiet'], suffix: '.zst' },
  gzip: { argv: ['gzip', '--best', '--no-name', '--keep'], suffix: '.gz' },
  // The kernel reads the legacy frame (-l) only; -m lets lz4 name its output.
  lz4: { argv: ['lz4', '-l', '-9', '-m', '--quiet'], suffix: '.lz4' },
};

/** Turns `directory/from` into `directory/to`. */
export async function compress(compression: Compression, directory: string, from: string, to: string, options: RunOptions): Promise<void> {
  if (compression === 'none') return rename(join(directory, from), join(directory, to));
  const { argv, suffix } = COMPRESSORS[compression];
  await run([...argv, from], { ...options, cwd: directory });
  await rename(join(directory, `${from}${suffix}`), join(directory, to));
  await rm(join(directory, from));
}

/** The compressor and its version, for the manifest. */
export async function toolchain(compression: Compression): Promise<Record<string, string>> {
  if (compression === 'none') return {};
  const { stdout } = await run([compression, '--version']);
  return { [compression]: /\d+(\.\d+)+/.exec(stdout)?.[0] ?? 'unknown' };
}
