import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { defaultsTable } from './table.ts';

const CGROUPS = readFileSync(join(import.meta.dirname, '../../packages/system/rootfs/etc/boot.d/20-cgroups.sh'), 'utf8');

it('compares what a container is by default with Docker', () => {
  const rows = new Map(
    defaultsTable(CGROUPS)
      .split('\n')
      .map((line) => line.split(' | ').map((one) => one.replace(/^\| |\| *$/g, '').trim()))
      .map(([name = '', ...cells]) => [name, cells]),
  );
  expect(rows.get('processes')).toEqual(['no limit', 'no limit, but all containers together leave the OS a quarter of the threads', '512']);
  expect(rows.get('`/dev/shm`')).toEqual(['64 MiB', 'the same', '16 MiB']);
  expect(rows.get('`restart`')?.[2]).toBe('`always`');
});

it('is not made of words that no longer hold', () => {
  expect(() => defaultsTable(CGROUPS.replace('3 / 4', '1 / 2'))).toThrow('no longer true: a quarter of the threads');
});
