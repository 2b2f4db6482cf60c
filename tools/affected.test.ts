import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { globbySync } from 'globby';
import { expect, test } from 'vitest';
import { root } from './files.ts';

interface Project {
  implicitDependencies?: string[];
  targets: Record<string, { executor: string }>;
}

const images = globbySync('os-images/*/project.json', { cwd: root });

// Nx does not see that a target needs its executor's package: without this, a change of a plugin affects no image.
test.each(images)('%s depends on the packages of its executors, and on no other', (file) => {
  const { implicitDependencies, targets } = JSON.parse(readFileSync(join(root, file), 'utf8')) as Project;
  const packages = Object.values(targets)
    .map(({ executor }) => executor.split(':')[0]!)
    .filter((name) => name.startsWith('@container-os/'));
  expect(implicitDependencies).toEqual([...new Set(packages)].sort());
});
