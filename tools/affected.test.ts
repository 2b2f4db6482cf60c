import { globbySync } from 'globby';
import { expect, test } from 'vitest';
import { infer } from '../packages/image/src/infer/infer.ts';
import { root } from './files.ts';

const projects = globbySync('os-images/*/compose.yaml', { cwd: root }).flatMap((file) => Object.values(infer(file, root, { sources: 'source' }).projects));

// Nx does not see that a target needs its executor's package: without this, a change of a plugin affects no image.
test.each(projects)('$name depends on the packages of its executors, on its base, and on no other', ({ implicitDependencies = [], targets = {} }) => {
  // What stands for several targets runs nothing itself, and the doctor makes nothing.
  const without = ['nx:noop', '@container-os/image:doctor'];
  const packages = Object.values(targets).flatMap(({ executor = '' }) => (without.includes(executor) ? [] : [executor.split(':')[0] ?? '']));
  const bases = Object.values(targets).flatMap(({ dependsOn = [] }) => dependsOn.flatMap((one) => (typeof one === 'object' ? (one.projects ?? []) : [])));
  expect([...implicitDependencies].sort()).toEqual([...new Set([...packages, ...bases])].sort());
});
