import { pipe, SOURCE_DATE_EPOCH, type RunOptions } from '@container-os/core';
import type { Entry } from '@container-os/cpio';
import { layerBytes } from '@container-os/cpio/fs';
import { Readable } from 'node:stream';
import type { RootfsOptions } from './schema.d.ts';

/** The compression of blocks. */
export type Compression = RootfsOptions['compression'];

/** Reading any byte unpacks a whole block. lz4 is cheap to unpack, so it gets larger blocks, which compress better. */
const FLAGS: Record<Compression, string[]> = { zstd: ['-Xcompression-level', '22', '-b', '64K'], lz4: ['-Xhc', '-b', '128K'] };

type Argv = [string, ...string[]];

/** bsdtar's command that turns a cpio stream into a tar stream, which mksquashfs reads. */
const TO_TAR: Argv = ['bsdtar', '--format=pax', '-cf', '-', '@-'];

/**
 * mksquashfs's command: reads a tar archive from standard input, and takes the file system's date from the
 * environment's `SOURCE_DATE_EPOCH`. Not sqfstar: 4.5.1 mistakes the level for the output's name.
 */
function squashfsArgv(output: string, compression: Compression): Argv {
  return [
    'mksquashfs',
    ...['-', output, '-tar', '-noappend'],
    ...['-comp', compression, ...FLAGS[compression]],
    // The root directory itself is not an entry.
    ...['-root-mode', '0755', '-root-uid', '0', '-root-gid', '0', '-root-time', String(SOURCE_DATE_EPOCH)],
    ...['-no-xattrs', '-exit-on-error', '-quiet', '-no-progress'],
  ];
}

/**
 * Writes `root` as a squashfs with the owners, modes, devices and hard links of the entries. Needs no root privileges,
 * and no intermediate file. Returns the bytes before compression.
 */
export async function writeSquashfs(
  output: string,
  root: readonly Entry[],
  compression: Compression,
  options: Pick<RunOptions, 'logFile' | 'signal'>,
): Promise<number> {
  let bytes = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const piece of layerBytes(root)) {
      bytes += piece.length;
      yield piece;
    }
  }
  await pipe(TO_TAR, squashfsArgv(output, compression), { ...options, input: Readable.from(counted(), { objectMode: false }) });
  return bytes;
}
