// The end of npm run iso: where the ISO of an image lies and what to do with it.
//   node --import @swc-node/register/esm-register tools/iso-summary.ts <image>
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { BuildError, columns, formatBytes, formatError, requireArtifact, requireArtifactsOf, sha256File } from '@container-os/core';
import { root } from './files.ts';
import { nextSteps } from './next-steps.ts';
import { planTasks } from './one-task/plan.ts';

const [image, ...more] = process.argv.slice(2);
if (image === undefined || more.length > 0) throw new Error(`iso-summary.ts expected the name of one image, got ${process.argv.length - 2}`);
process.chdir(root);
try {
  process.stdout.write(await summary(image));
  process.exit(0);
} catch (error) {
  process.stderr.write(`\n${formatError(error)}\n`);
  process.exit(error instanceof BuildError ? 1 : 2);
}

async function summary(image: string): Promise<string> {
  const { taskGraph, hash } = await planTasks(`${image}:iso`);
  const task = taskGraph.tasks[`${image}:iso`];
  const iso = task?.outputs.find((output) => output.endsWith('.iso'));
  if (!task || iso === undefined) throw new Error(`${image}:iso has no ISO among its outputs`);
  const { size } = await stat(await requireArtifact(join(root, iso)));
  // Nobody else reads the ISO in the run that made it.
  await requireArtifactsOf([await hash(task)], root, image);
  const steps = columns(nextSteps(image, iso).map(({ what, command, note = '' }) => [what, command, note]));
  return `
${iso}
  size    ${formatBytes(size)}
  sha256  ${await sha256File(join(root, iso))}

${steps.join('\n')}

`;
}
