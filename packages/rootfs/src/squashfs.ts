import { run, SOURCE_DATE_EPOCH, type RunOptions } from '@container-os/core';
import type { Entry } from '@container-os/cpio';
import { writeLayer } from '@container-os/cpio/fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { RootfsOptions } from './schema.d.ts';

/** What the kernel unpacks blocks with. */
export type Compression = NonNullable<RootfsOptions['compression']>;

/** Of a block, more is unpacked than is used: where that is cheap, blocks are larger, and pack better. */
const FLAGS: Record<Compression, string[]> = { zstd: ['-Xcompression-level', '22', '-b', '64K'], lz4: ['-Xhc', '-b', '128K'] };

type Argv = [string, ...string[]];

/** bsdtar's command for a tar archive, which mksquashfs reads, of a cpio archive. */
export function tarArgv(cpio: string, tar: string): Argv {
  return ['bsdtar', '--format=pax', '-cf', tar, `@${cpio}`];
}

/**
 * mksquashfs's command, which reads a tar archive from standard input and takes the date of the file system from
 * the environment's `SOURCE_DATE_EPOCH`. Not sqfstar: 4.5.1 takes the level for the name of the output.
 */
export function squashfsArgv(output: string, compression: Compression): Argv {
  return [
    'mksquashfs',
    ...['-', output, '-tar', '-noappend'],
    ...['-comp', compression, ...FLAGS[compression]],
    // The root directory itself is no entry.
    ...['-root-mode', '0755', '-root-uid', '0', '-root-gid', '0', '-root-time', String(SOURCE_DATE_EPOCH)],
    ...['-no-xattrs', '-exit-on-error', '-quiet', '-no-progress'],
  ];
}

/**
 * Writes `root` as a squashfs. Owners, modes, devices and hard links are those of the entries: no root, no
 * directory on disk in between. Returns the bytes before compression.
 */
export async function writeSquashfs(output: string, root: readonly Entry[], compression: Compression, scratch: string, options: RunOptions): Promise<number> {
  const [cpio, tar] = [join(scratch, 'root.cpio'), join(scratch, 'root.tar')];
  await writeLayer(cpio, root);
  await run(tarArgv(cpio, tar), options);
  await rm(cpio);
  const input = await readFile(tar);
  await run(squashfsArgv(output, compression), { ...options, input });
  return input.length;
}

/** The tools that decide the bytes, with their versions, for the manifest. */
export async function toolchain(): Promise<Record<string, string>> {
  return {
    bsdtar: version((await run(['bsdtar', '--version'])).stdout),
    'squashfs-tools': version((await run(['mksquashfs', '-version'])).stdout),
  };
}

function version(text: string): string {
  return /\d+(\.\d+)+/.exec(text)?.[0] ?? 'unknown';
}
