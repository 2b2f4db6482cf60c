import { builtArtifact } from '@container-os/core/testing';
import { bytesOf } from '@container-os/cpio';
import { readLayer } from '@container-os/cpio/fs';
import { chmodSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The shell library of the OS. */
export const LIBRARY = join(import.meta.dirname, '../rootfs/usr/lib/container-os');

const BUSYBOX = builtArtifact('busybox/layer.cpio');

/** Commands of the shells that the library is tested with: sh of this machine, and BusyBox's where demo-os has been built. */
export const SHELLS: Record<string, [string, ...string[]]> = { sh: ['sh'], ...(existsSync(BUSYBOX) ? { 'BusyBox ash': [await busybox(), 'ash'] } : {}) };

async function busybox(): Promise<string> {
  const program = (await readLayer(BUSYBOX)).find(({ path }) => path === 'bin/busybox');
  if (program?.type !== 'file') throw new Error(`${BUSYBOX} has no bin/busybox`);
  const file = join(mkdtempSync(join(tmpdir(), 'busybox-')), 'busybox');
  writeFileSync(file, bytesOf(program.data));
  chmodSync(file, 0o755);
  return file;
}

/** A script of the OS whose absolute paths are moved below `root`, so that it touches nothing of this machine. */
export function moved(script: string, root: string): string {
  const text = readFileSync(join(LIBRARY, script), 'utf8').replace(/^#!.*\n/, '');
  return text.replace(/(?<![\w$}.*/])\/(?=(?:usr|run|proc|sys|dev|tmp|etc|containers|opt|var)\/)(?!dev\/null)/g, `${root}/`);
}
