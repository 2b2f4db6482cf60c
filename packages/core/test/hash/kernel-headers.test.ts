import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { toolOf } from '../../src/hash/tools.ts';

const DIRECTORIES = ['/usr/include/x86_64-linux-gnu', '/usr/include'];

it('the kernel headers that count wherever libc is used include only each other', () => {
  const { files = [] } = toolOf('kernel-headers-of-libc');
  const included = files.flatMap((file) => {
    const names = [...readFileSync(file, 'utf8').matchAll(/^\s*#\s*include\s*<((?:linux|asm|asm-generic)\/[^>]+)>/gm)].map(([, name = '']) => name);
    return names.map((name) => DIRECTORIES.map((directory) => join(directory, name)).find((path) => existsSync(path)) ?? name);
  });
  expect(included.filter((file) => !files.includes(file))).toEqual([]);
});
