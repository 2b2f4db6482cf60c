// Edits a workspace, its options, its tools and its host at random and compares what Nx's cache would say with what a
// fresh build gives. Fails when a hit would give other bytes, or a miss equal ones though nothing changed that the target reads.
//   npm run cache-truth -- --edits=500 --seed=1
//   npm run cache-truth -- --seed=1 --only=17
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { copyBase, kindOf, prepare, tryEdit, type Finding } from './cache-truth/run.ts';
import { formatFindings } from './cache-truth/report.ts';

const { values } = parseArgs({
  options: {
    edits: { type: 'string', default: '25' },
    seed: { type: 'string' },
    only: { type: 'string' },
    jobs: { type: 'string', default: '2' },
    directory: { type: 'string' },
  },
});

const seed = Number(values.seed ?? Date.now() % 100_000);
const numbers = values.only === undefined ? Array.from({ length: Number(values.edits) }, (_, index) => index + 1) : [Number(values.only)];
const directory = values.directory ?? mkdtempSync(join(tmpdir(), 'cache-truth-'));
console.log(`seed ${seed}, ${numbers.length} edits`);
const started = Date.now();
const base = await prepare(join(directory, '1'));
console.log(`built what is edited: ${Math.round((Date.now() - started) / 1000)} s`);
const bases = [base];
for (let job = 2; job <= Math.min(Number(values.jobs), numbers.length); job++) bases.push(await copyBase(base, join(directory, String(job))));
const findings: Finding[] = [];
const queue = [...numbers];
await Promise.all(
  bases.map(async (one) => {
    for (let number = queue.shift(); number !== undefined; number = queue.shift()) {
      const found = await tryEdit(one, seed, number);
      findings.push(...found);
      const wrong = found.filter(({ verdict }) => verdict !== 'right');
      console.log(`${String(number).padStart(4)} ${wrong.length > 0 ? 'WRONG' : 'right'}  ${kindOf(seed, number)[0]}: ${found[0]?.what ?? ''}`);
      for (const { verdict, target } of wrong) console.log(`       ${verdict}: ${target}`);
    }
  }),
);
if (values.directory === undefined) rmSync(directory, { recursive: true, force: true });
const seconds = Math.round((Date.now() - started) / 1000);
console.log(formatFindings(findings, { seed, seconds }));
process.exitCode = findings.some(({ verdict }) => verdict !== 'right') ? 1 : 0;
