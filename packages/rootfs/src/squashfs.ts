import { run, SOURCE_DATE_EPOCH, type RunOptions } from '@container-os/core';
import { toTree, type Entry } from '@container-os/cpio';
import type { RootEntry } from '@container-os/oci-image';
import { TarStream } from '@container-os/oci-image/tar';
import { Readable } from 'node:stream';
import type { RootfsOptions } from './schema.d.ts';

/** The compression of blocks. */
export type Compression = RootfsOptions['compression'];

/** Reading any byte unpacks a whole block. lz4 is cheap to unpack, so it gets larger blocks, which compress better. */
const FLAGS: Record<Compression, string[]> = { zstd: ['-Xcompression-level', '22', '-b', '64K'], lz4: ['-Xhc', '-b', '128K'] };

type Argv = [string, ...string[]];

/**
 * mksquashfs's command: reads a tar archive from standard input, and takes the file system's date from the
 * environment's `SOURCE_DATE_EPOCH`. Not sqfstar: 4.5.1 mistakes the level for the output's name.
 */
function squashfsArgv(output: string, compression: Compression, xattrs: boolean): Argv {
  return [
    'mksquashfs',
    ...['-', output, '-tar', '-noappend'],
    ...['-comp', compression, ...FLAGS[compression]],
    // The root directory itself is not an entry.
    ...['-root-mode', '0755', '-root-uid', '0', '-root-gid', '0', '-root-time', String(SOURCE_DATE_EPOCH)],
    // Its queues, which else take a quarter of the machine's memory.
    ...['-mem', '64M'],
    // A flag in the superblock says that there are none.
    ...(xattrs ? [] : ['-no-xattrs']),
    ...['-exit-on-error', '-quiet', '-no-progress'],
  ];
}

interface SquashfsOptions extends Pick<RunOptions, 'logFile' | 'signal'> {
  /** Roots of containers, which follow. */
  containers?: readonly AsyncIterable<RootEntry>[];
}

/**
 * Writes `root` as a squashfs with the owners, modes, devices, hard links and extended attributes of the entries. Needs no root privileges, and no
 * intermediate file: memory does not grow with the contents. Returns the bytes of all files and the number of entries.
 */
export async function writeSquashfs(
  output: string,
  root: readonly Entry[],
  compression: Compression,
  { containers = [], ...options }: SquashfsOptions,
): Promise<TarStream['written']> {
  const tar = new TarStream([toTree(root), ...containers]);
  const input = Readable.from(tar, { objectMode: false });
  await run(squashfsArgv(output, compression, containers.length > 0), { ...options, input, capture: false });
  return tar.written;
}
