// node --import @swc-node/register/esm-register packages/compose-file/test/oracle/record.ts [TOPIC…]
// Asks the reference about every case and writes its answers. Look at the difference before you commit it.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { readCases, topics, type Answer, type Case } from './case.ts';
import { openReference, type Reference } from './reference.ts';

const reference = openReference();
const asked = process.argv.slice(2);
for (const topic of asked.length > 0 ? asked : topics) {
  const cases = readCases(topic);
  const lines = [JSON.stringify({ reference: `docker-compose ${reference.version}` })];
  for (const one of cases) lines.push(JSON.stringify({ name: one.name, ...(await steady(reference, one)) }));
  writeFileSync(join(import.meta.dirname, 'answers', `${topic}.jsonl`), `${lines.join('\n')}\n`);
  console.log(`${topic}: ${cases.length} answers, ${lines.filter((line) => line.includes('"refused":')).length} of them refusals`);
}

/** The reference walks maps in an order that changes: an answer that depends on it is worth nothing. */
async function steady({ ask }: Reference, one: Case): Promise<Answer> {
  const [first, ...others] = await Promise.all([ask(one), ask(one)]);
  if ('config' in first && others.some((other) => !isDeepStrictEqual(first, other))) throw new Error(`${one.name}: the reference answers in different ways`);
  if ('refused' in first && others.some((other) => 'config' in other)) throw new Error(`${one.name}: the reference refuses sometimes`);
  return first;
}
