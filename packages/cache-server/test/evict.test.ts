import { expect, test } from 'vitest';
import { planEviction } from '../src/house-keeping/evict.ts';
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
