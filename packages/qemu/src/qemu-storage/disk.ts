import { run } from '@container-os/core';
import { copyFile, mkdir, open, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { blankDisk } from '../guest/blank-disk.ts';

// Raw images of disks, made and read with e2fsprogs of this machine, without mounting.

/** The label of the data disk. */
const LABEL = 'containeros-data';

/** A disk of somebody else: an ext4 file system with another label. */
export async function foreignDisk(path: string): Promise<string> {
  await run(['/usr/sbin/mke2fs', '-q', '-t', 'ext4', '-L', 'photographs', await blankDisk(path, 16)]);
  return path;
}

/** A full data disk: `file` can be created, but no block is free for its content. */
export async function fullDisk(path: string, file: string, scratch: string): Promise<string> {
  const tree = join(scratch, 'tree');
  await mkdir(dirname(join(tree, file)), { recursive: true, mode: 0o777 });
  await mkdir(join(tree, 'layers'));
  // The builder owns the files; the container is another user.
  await run(['chmod', '-R', '0777', tree]);
  const block = join(scratch, 'block');
  await writeFile(block, Buffer.alloc(1024, 1));
  await run(['/usr/sbin/mke2fs', '-q', '-t', 'ext4', '-b', '1024', '-m', '0', '-L', LABEL, '-d', tree, await blankDisk(path, 16)]);
  const { stdout } = await run(['/usr/sbin/dumpe2fs', '-h', path]);
  const free = Number(/^Free blocks:\s+(\d+)/m.exec(stdout)?.[1]);
  // Fill the last blocks one by one: the number of metadata blocks of the first file is unknown.
  const fill = [`write ${block} filler`, `fallocate filler 1 ${free - 40}`, ...Array.from({ length: 60 }, (_, index) => `write ${block} filler${index}`)];
  await writeFile(join(scratch, 'fill'), `${fill.join('\n')}\n`);
  await run(['/usr/sbin/debugfs', '-w', '-f', join(scratch, 'fill'), path]);
  await run(['/usr/sbin/e2fsck', '-f', '-y', path], { allow: [0, 1] });
  return path;
}

/** A copy of `disk` without its superblock, so that its label is gone. */
export async function beheadedDisk(disk: string, path: string): Promise<string> {
  return overwrite(disk, path, 1024, Buffer.alloc(1024, 0));
}

/** A copy of `disk` with its label but garbage in its first inodes, among them those of the root directory and the journal. */
export async function damagedDisk(disk: string, path: string): Promise<string> {
  const { stdout } = await run(['/usr/sbin/dumpe2fs', disk]);
  const [, table] = /Inode table at (\d+)/.exec(stdout) ?? [];
  const [, size] = /^Block size:\s+(\d+)/m.exec(stdout) ?? [];
  return overwrite(disk, path, Number(table) * Number(size), Buffer.alloc(4096, 0xa5));
}

async function overwrite(disk: string, path: string, offset: number, bytes: Buffer): Promise<string> {
  await copyFile(disk, path);
  const handle = await open(path, 'r+');
  await handle.write(bytes, 0, bytes.length, offset);
  await handle.close();
  return path;
}

/** The fault that a full check finds on a disk; undefined if there is none. */
export async function faultOf(disk: string): Promise<string | undefined> {
  const { stdout, exitCode } = await run(['/usr/sbin/e2fsck', '-f', '-n', disk], { allow: Array.from({ length: 256 }, (_, code) => code) });
  return exitCode === 0 ? undefined : stdout.trim().split('\n').at(-1);
}

/** The lines of `file` on a data disk. */
export async function linesOf(disk: string, file: string): Promise<string[]> {
  const { stdout } = await run(['/usr/sbin/debugfs', '-R', `cat /${file}`, disk]);
  return stdout.split('\n').slice(0, -1);
}
