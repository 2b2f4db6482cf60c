// npm run compose:leaves [-- --runs N --seed N --only NAME]
// Asks the live reference about generated texts of each short form, of env files, variables and YAML, and compares its answers with those of our readers.
// `npm run compose:oracle` compares whole files; here a difference has a name and a text of a few characters.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { leaves, type Leaf } from './leaf.ts';
import { openReference, type Reference } from './reference.ts';

const { values } = parseArgs({ options: { runs: { type: 'string', default: '200' }, seed: { type: 'string' }, only: { type: 'string' } } });
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const reference = openReference();
console.log(`docker-compose ${reference.version}, --runs ${values.runs} --seed ${seed}`);

const waiting = leaves.filter(({ name }) => values.only === undefined || name === values.only);
await Promise.all(Array.from({ length: availableParallelism() }, worker));

async function worker(): Promise<void> {
  for (let leaf = waiting.shift(); leaf; leaf = waiting.shift()) {
    const { report, equal } = await compare(leaf, reference);
    console.log(report);
    if (!equal) process.exitCode = 1;
  }
}

/** Generates texts until one is read otherwise than by the reference, and shrinks it. */
async function compare(leaf: Leaf, { ask }: Reference): Promise<{ report: string; equal: boolean }> {
  const count = { equal: 0, refused: 0, wilful: 0 };
  const property = fc.asyncProperty(leaf.texts, async (text) => {
    const theirs = leaf.theirs(await ask({ name: leaf.name, files: leaf.files(text) }));
    const ours = leaf.ours(text);
    if (ours.startsWith('refused') && theirs.startsWith('refused')) count.refused++;
    else if (ours === theirs) count.equal++;
    else if (leaf.wilful?.(ours, theirs, text)) count.wilful++;
    else throw new Error(`${leaf.name}: ${JSON.stringify(text)}\n  ours:   ${ours}\n  theirs: ${theirs}`);
  });
  const { failed, errorInstance, counterexamplePath } = await fc.check(property, { numRuns: Number(values.runs), seed });
  if (failed) return { report: `${(errorInstance as Error).message}\n  --seed ${seed}, path ${counterexamplePath}`, equal: false };
  return { report: `${leaf.name}: ${count.equal} equal, ${count.refused} refused by both, ${count.wilful} wilfully different`, equal: true };
}
