import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { OTHERS, TABLE } from './cache-truth/kinds.ts';
import { kindOf, prepare, tryEdit } from './cache-truth/run.ts';

// The short run of cache-truth: it needs neither strace nor namespaces. cache-truth.e2e.test.ts has all kinds of edits, and judges misses.
const SEED = 23;

const round = Array.from([...Object.keys(TABLE), ...Object.keys(OTHERS)], (_, index) => index + 1);
const numbers = round.filter((number) => kindOf(SEED, number)[0] in TABLE);

let directory: string;
let base: Awaited<ReturnType<typeof prepare>>;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'stale-hits-'));
  base = await prepare(join(directory, '1'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

it.each(numbers.map((number) => [kindOf(SEED, number)[0], number] as const))('no stale hit: %s', async (_, number) => {
  const findings = await tryEdit(base, SEED, number, 'hits');
  expect(findings).not.toEqual([]);
  expect(findings.filter(({ verdict }) => verdict !== 'right')).toEqual([]);
});
