import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { toolOf } from '../../src/hash/tools.ts';

const DIRECTORIES = ['/usr/include/x86_64-linux-gnu', '/usr/include'];

/** Headers of libc for one protocol or kind of device: no program that builds a kernel includes them. */
const SPECIAL = /\/(netatalk\/at|net\/(if_slip|ppp-comp|ppp_defs|if_ppp)|netinet\/if_fddi|nfs\/nfs|sys\/(rseq|fanotify|kd|pci|quota|soundcard|vm86|vt))\.h$/;

it('the kernel headers that count wherever libc is used are those that its headers include', () => {
  const { files = [] } = toolOf('kernel-headers-of-libc');
  const list = readFileSync('/var/lib/dpkg/info/libc6-dev:amd64.list', 'utf8').split('\n');
  const libc = list.filter((file) => file.endsWith('.h') && !SPECIAL.test(file));
  expect([...new Set(libc.flatMap(kernelHeaders))].filter((file) => !files.includes(file) && !libc.includes(file))).toEqual([]);
});

it('the kernel headers that count wherever libc is used include only each other', () => {
  const { files = [] } = toolOf('kernel-headers-of-libc');
  expect(files.flatMap(kernelHeaders).filter((file) => !files.includes(file))).toEqual([]);
});

/** What a header includes of the kernel's. */
function kernelHeaders(file: string): string[] {
  const names = [...readFileSync(file, 'utf8').matchAll(/^\s*#\s*include\s*<((?:linux|asm|asm-generic)\/[^>]+)>/gm)].map(([, name = '']) => name);
  return names.flatMap((name) => DIRECTORIES.map((directory) => join(directory, name)).find((path) => existsSync(path)) ?? []);
}
