import { useWorkspace } from '@container-os/core/testing';
import type { HasherContext, Task } from '@nx/devkit';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import hasher from '../src/hasher.ts';

const workspace = useWorkspace();
const root = 'os-images/demo';

beforeEach(async () => {
  await workspace.write('../../nx.json', '{}');
  vi.spyOn(process, 'cwd').mockReturnValue(workspace.root);
  await workspace.write('compose.yaml', 'services: { web: { image: i, environment: { LEVEL: "${LEVEL}" } } }\nsecrets: { db: { file: ./db.txt } }\n');
  await workspace.write('.env', 'LEVEL=1\n');
  await workspace.write('db.txt', 'one\n');
  await workspace.write('start.sh', '#!/bin/sh\n');
});

afterEach(() => vi.restoreAllMocks());

/** The hash of a bundle with these options. */
async function hash(options: Record<string, unknown>): Promise<string> {
  const task = { id: 'demo:bundle-web', target: { project: 'demo', target: 'bundle-web' }, overrides: {}, outputs: [`dist/${root}/bundle-web`] };
  const data = { root, targets: { 'bundle-web': { executor: '@container-os/oci-bundle:oci-bundle', options } } };
  const context = { taskGraph: { tasks: { [task.id]: task }, dependencies: { [task.id]: [] } }, projectGraph: { nodes: { demo: { data } } } };
  return (await hasher(task as unknown as Task, context as unknown as HasherContext)).value;
}

it.each([
  ['the environment', { environment: { file: 'compose.yaml', service: 'web', variables: ['LEVEL'] } }, () => workspace.write('.env', 'LEVEL=2\n')],
  ['a secret', { contents: { file: 'compose.yaml', secrets: ['db'] } }, () => workspace.write('db.txt', 'two\n')],
  ['the mode of a file that is mounted', { binds: ['start.sh'] }, () => chmod(join(workspace.root, root, 'start.sh'), 0o755)],
])('counts %s, where the options name it', async (_, options, edit) => {
  const [named, unnamed] = [await hash(options), await hash({})];
  await edit();
  expect(await hash(options)).not.toBe(named);
  expect(await hash({})).toBe(unnamed);
});
