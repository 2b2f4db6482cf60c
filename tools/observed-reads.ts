// Compares what targets read, as strace sees it, with what their hashes hold. Fails when a target reads what its hash
// does not hold. On stand-ins by default; with --image, that image of this workspace, whose artifacts it builds anew.
//   npm run observed-reads
//   npm run observed-reads -- --image=demo-os --target=kernel
import { parseArgs } from 'node:util';
import { formatComparisons, observeHere, observeStandIns } from './observed-reads/run.ts';

const { values } = parseArgs({
  options: {
    image: { type: 'string' },
    target: { type: 'string', multiple: true, default: [] },
    unused: { type: 'boolean', default: false },
  },
});

const comparisons = values.image === undefined ? await observeStandIns(values.target) : await observeHere(values.image, values.target);
console.log(formatComparisons(comparisons, { unused: values.unused }));
process.exitCode = comparisons.some(({ undeclared, failed }) => undeclared.length > 0 || failed !== undefined) ? 1 : 0;
