import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { planEviction, sweep } from '../src/house-keeping/evict.ts';
import { fileSystemStore } from '../src/stores/file-system.ts';
import type { ListedEntry } from '../src/stores/store.ts';

const day = 86_400_000;
const now = new Date('2026-01-31T00:00:00Z');
const entry = (hash: string, size: number, daysAgo: number): ListedEntry => {
  const used = new Date(now.getTime() - daysAgo * day);
  return { key: { namespace: 'trusted', hash }, size, created: used, used };
};
const names = (entries: ListedEntry[]): string[] => entries.map(({ key }) => key.hash);
const entries = [entry('new', 40, 0), entry('older', 40, 3), entry('old', 40, 5), entry('ancient', 40, 31)];

test('nothing goes within the limits, or without limits', () => {
  expect(planEviction(entries, { maxSize: 160, maxAge: 40 * day }, now)).toEqual([]);
  expect(planEviction(entries, { maxSize: 0, maxAge: 0 }, now)).toEqual([]);
});

test('what nobody used for maxAge goes', () => {
  expect(names(planEviction(entries, { maxSize: 0, maxAge: 30 * day }, now))).toEqual(['ancient']);
});

test('above maxSize the least recently used go, down to nine tenths', () => {
  expect(names(planEviction(entries, { maxSize: 130, maxAge: 0 }, now))).toEqual(['ancient', 'old']);
});

test('an entry larger than maxSize goes too', () => {
  expect(names(planEviction([entry('huge', 200, 0)], { maxSize: 100, maxAge: 0 }, now))).toEqual(['huge']);
});

test('of 10,000 entries on a disk all are listed, the half that was not used is evicted, and the other half stays', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'cache-server-evict-'));
  try {
    const store = await fileSystemStore(directory);
    const later = new Date(Date.now() + 3_600_000);
    for (let index = 0; index < 10_000; index++) {
      const hash = String(10_000 + index);
      const file = join(directory, 'entries/trusted', hash.slice(0, 2), hash);
      if (index % 1000 === 0) await mkdir(join(file, '..'), { recursive: true });
      await writeFile(file, '0123456789');
      if (index % 2 === 0) await utimes(file, later, later);
    }
    const stay: string[] = [];
    const found = await sweep(store, { maxSize: 55_556, maxAge: 0 }, new Date(), ({ key }) => stay.push(key.hash));
    expect(found).toEqual({ entries: 5000, bytes: 50_000, evicted: 5000, evictedBytes: 50_000 });
    expect(stay.filter((hash) => Number(hash) % 2 !== 0)).toEqual([]);
    let listed = 0;
    for await (const { key } of store.list()) listed += Number(key.hash) % 2 === 0 ? 1 : NaN;
    expect(listed).toBe(5000);
  } finally {
    await rm(directory, { recursive: true });
  }
}, 60_000);
