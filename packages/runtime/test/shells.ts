import { bytesOf } from '@container-os/cpio';
import { readLayer } from '@container-os/cpio/fs';
import { chmodSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The shell library of the OS. */
export const LIBRARY = join(import.meta.dirname, '../rootfs/usr/lib/container-os');

const BUSYBOX = join(import.meta.dirname, '../../../dist/os-images/demo-os/busybox/layer.cpio');

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

/** A script of the OS whose paths are moved below `root`; its library stays where it is. */
export function moved(script: string, root: string): string {
  return readFileSync(join(LIBRARY, script), 'utf8').replaceAll('/usr/lib/container-os', join(root, 'usr/lib/container-os')).replaceAll('/run/', `${root}/run/`);
}
