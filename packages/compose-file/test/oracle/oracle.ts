// npm run compose:oracle [-- --files N --seed N --reasons]
// Compares our table of keys with the official schema, and the corpus with its keys, then our answers about generated files with those of the live reference.
import { parseArgs } from 'node:util';
import { stringify } from 'yaml';
import { jsonSchema } from '../../src/keys/schema.ts';
import type { Case } from './case.ts';
import { difference } from './compare.ts';
import { uncovered } from './covered.ts';
import { generate } from './generate/generate.ts';
import type { Schema } from './generate/points.ts';
import { answer } from './ours.ts';
import { openReference } from './reference.ts';
import { schemaDifferences } from './schema.ts';

const LEAST = 50;
const { values } = parseArgs({ options: { files: { type: 'string', default: '2000' }, seed: { type: 'string' }, reasons: { type: 'boolean' } } });
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const files = Number(values.files);
const reference = openReference();
console.log(`docker-compose ${reference.version}, ${files} files, --seed ${seed}`);

const differences = schemaDifferences(reference.schema as Schema, jsonSchema() as Schema);
for (const one of differences) console.error(`the table of keys: ${one}`);
const missing = uncovered(reference.schema as Schema);
for (const point of missing) console.error(`the corpus has no case of ${point}`);

const { taken, refused, reasons, mismatches, rare, rarelyTaken } = await generate({
  schema: reference.schema as Schema,
  files,
  seed,
  least: LEAST,
  workers: 3,
  ask: reference.ask,
  compare: (one, theirs) => difference(answer(one), theirs),
  onMismatch: (mismatch) => console.log(`\n--- seed ${mismatch.seed}\n${pasteable(mismatch.one)}\n${mismatch.difference}`),
  onProgress: (done) => process.stderr.write(`\r${done} files`),
});

console.log(`\n${taken} taken, ${refused} refused; ${mismatches.length} answers differ`);
if (values.reasons) for (const [reason, number] of [...reasons].sort((one, other) => other[1] - one[1])) console.log(`refused ${number} times: ${reason}`);
for (const [point, number] of rarelyTaken) console.log(`in ${number} files that are taken: ${point}`);
for (const [point, number] of rare) console.error(`only ${number} files have ${point}; expected ${LEAST}`);
process.exitCode = differences.length > 0 || missing.length > 0 || mismatches.length > 0 || (rare.size > 0 && files >= 2000) ? 1 : 0;

/** A case as the corpus has it. */
function pasteable({ name, files: texts, use }: Case): string {
  const { 'compose.yaml': compose, ...rest } = texts;
  return stringify([{ name, ...(use ? { use } : {}), ...(compose ? { compose } : {}), ...(Object.keys(rest).length > 0 ? { files: rest } : {}) }], {
    lineWidth: 0,
  });
}
