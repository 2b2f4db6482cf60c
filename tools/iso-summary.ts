// The end of npm run iso: where the ISO of an image lies and what to do with it.
//   node --import @swc-node/register/esm-register tools/iso-summary.ts <image>
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { columns, formatBytes, sha256File } from '@container-os/core';
import { root } from './files.ts';
import { isoOf, nextSteps } from './next-steps.ts';

const [image, ...more] = process.argv.slice(2);
if (image === undefined || more.length > 0) throw new Error(`iso-summary.ts expected the name of one image, got ${process.argv.length - 2}`);
const iso = isoOf(image);
const { size } = await stat(join(root, iso));
const steps = columns(nextSteps(image, iso).map(({ what, command, note = '' }) => [what, command, note]));

console.log(`
${iso}
  size    ${formatBytes(size)}
  sha256  ${await sha256File(join(root, iso))}

${steps.join('\n')}
`);
