// Tells why a target would be built, or was, without building: what differs between its inputs now and those
// that its artifact in dist/ was made of. docs/decisions/0007-why.md.
//   npm run why -- base-vm:kernel
//   npm run why -- demo-os:iso --json
import { parseArgs } from 'node:util';
import { BuildError, formatError } from '@container-os/core';
import { explain } from './why/explain.ts';
import { format } from './why/format.ts';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { json: { type: 'boolean', default: false } } });
try {
  const [target] = positionals;
  if (!target || positionals.length > 1)
    throw new BuildError('WHY_TARGET', `why takes one target, got ${positionals.length}`, { hint: 'For example: npm run why -- <image>:kernel' });
  const tasks = await explain(target);
  console.log(values.json ? JSON.stringify(tasks, null, 2) : format(target, tasks));
  process.exit(0);
} catch (error) {
  console.error(formatError(error));
  process.exit(1);
}
