import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { formatFindings } from './cache-truth/report.ts';
import { prepare, tryEdit, type Finding } from './cache-truth/run.ts';

// The long run, from other seeds: npm run cache-truth -- --edits=500
const SEED = 1;
const EDITS = 25;

it('the cache says the truth of an edit of each kind', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'cache-truth-'));
  const findings: Finding[] = [];
  try {
    const base = await prepare(join(directory, '1'));
    for (let number = 1; number <= EDITS; number++) findings.push(...(await tryEdit(base, SEED, number)));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  expect(
    findings.filter(({ verdict }) => verdict !== 'right'),
    formatFindings(findings, { seed: SEED, seconds: 0 }),
  ).toEqual([]);
}, 900_000);
