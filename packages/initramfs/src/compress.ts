import { run, type RunOptions } from '@container-os/core';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Compression } from './plan.ts';

/** A host tool that compresses `<file>` to `<file><suffix>`. */
interface Compressor {
  argv: readonly [string, ...string[]];
  suffix: string;
}

/** The formats that the kernel reads (lib/decompress.c). */
export const COMPRESSORS: Record<Exclude<Compression, 'none'>, Compressor> = {
  // A window of 32 MiB finds repetitions across layers: as small as level 19 in an eighth of the time. The kernel
  // allocates the window while it unpacks (lib/decompress_unzstd.c). One thread, so that the bytes do not depend on
  // the number of cores.
  zstd: { argv: ['zstd', '-12', '--long=25', '--single-thread', '--quiet'], suffix: '.zst' },
  gzip: { argv: ['gzip', '--best', '--no-name', '--keep'], suffix: '.gz' },
  // The kernel reads the legacy frame (-l) only; -m lets lz4 name its output.
  lz4: { argv: ['lz4', '-l', '-9', '-m', '--quiet'], suffix: '.lz4' },
};

/** Compresses `directory/from` to `directory/to`. */
export async function compress(compression: Compression, directory: string, from: string, to: string, options: RunOptions): Promise<void> {
  if (compression === 'none') return rename(join(directory, from), join(directory, to));
  const { argv, suffix } = COMPRESSORS[compression];
  await run([...argv, from], { ...options, cwd: directory });
  await rename(join(directory, `${from}${suffix}`), join(directory, to));
  await rm(join(directory, from));
}
