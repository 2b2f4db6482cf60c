// An image of its own in a workspace that has demo-os: both are on one base, and what is run for the new one is about the new one.
import { execa } from 'execa';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { globbySync } from 'globby';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { nxRun, type NxRun } from './nx.ts';
import { createStandInWorkspace } from './stand-in/workspace.ts';
import { nxEnvironment } from './workspace-copy.ts';

const DEFINITION = `services:
  web:
    image: busybox
    x-os: { rootfs: [busybox, ./web] }
    command: [sh, -c, exec sleep infinity]
x-os: {}
`;

const workspace = createStandInWorkspace();
const { directory, cache } = workspace;
const environment = { ...nxEnvironment(), CONTAINER_OS_CACHE: cache };
const nx = (task: string): Promise<NxRun> => nxRun(directory, task, { CONTAINER_OS_CACHE: cache });

async function type(command: string): Promise<{ exitCode: number | undefined; all: string }> {
  const { exitCode, all } = await execa('sh', ['-c', command], { cwd: directory, env: environment, extendEnv: false, all: true, reject: false });
  return { exitCode, all };
}

/** Every file of the artifacts and of the images. */
const made = (): string[] => globbySync('**/*', { cwd: join(directory, 'dist'), ignore: ['logs/**'] }).sort();

let first: NxRun;
beforeAll(async () => {
  first = await nx('demo-os:iso');
  expect(first.exitCode, first.output).toBe(0);
  workspace.edit('os-images/my-os/compose.yaml', () => DEFINITION);
  workspace.edit('os-images/my-os/web/srv/index.html', () => 'hello\n');
});
afterAll(() => workspace.remove());

it('it builds its own bundle, system, root and ISO; what it shares with the other image comes from the cache', async () => {
  const { exitCode, output, built, hashes } = await nx('my-os:iso');
  expect(exitCode, output).toBe(0);
  expect(built).toEqual(['bundle-web', 'iso', 'rootfs', 'system']);
  // No two tasks have one hash: Nx would restore the one's artifact in the place of the other's.
  for (const target of built) expect(hashes[target]).not.toBe(first.hashes[target]);
});

it('after "dist" is deleted, both images and the base are restored, each to its own place', async () => {
  const before = made();
  expect(before).toEqual(expect.arrayContaining(['container-os/base/vm/kernel/bzImage', 'os-images/demo-os/demo-os.iso', 'os-images/my-os/my-os.iso']));
  expect(before.filter((file) => /^os-images\/.*bzImage$/.test(file))).toEqual([]);
  rmSync(join(directory, 'dist'), { recursive: true });
  for (const task of ['my-os:iso', 'demo-os:iso']) expect(await nx(task)).toMatchObject({ exitCode: 0, built: [] });
  expect(made()).toEqual(before);
});

it('a fragment of its own gives it a kernel of its own, and leaves that of the base alone', async () => {
  workspace.edit('os-images/my-os/compose.yaml', () => DEFINITION.replace('x-os: {}', 'x-os: { kernel: { fragments: [own.config] } }'));
  workspace.edit('os-images/my-os/own.config', () => 'CONFIG_DUMMY=y\n');
  const { exitCode, output, built } = await nx('my-os:iso');
  expect(exitCode, output).toBe(0);
  expect(built).toEqual(['iso', 'kernel', 'kernel-config']);
  expect(made()).toContain('os-images/my-os/kernel/bzImage');
  expect(await nx('demo-os:iso')).toMatchObject({ exitCode: 0, built: [] });
});

it('its summary is of it', async () => {
  const { exitCode, all } = await type('node --import @swc-node/register/esm-register tools/iso-summary.ts my-os');
  expect(exitCode, all).toBe(0);
  expect(all).toContain('npx nx run my-os:run');
  expect(all).not.toContain('demo-os');
});

it('the target reproducible builds it twice', async () => {
  const { exitCode, all } = await type('npx nx run tools:reproducible --image=my-os --only=system');
  expect(exitCode, all).toBe(0);
  expect(all).toMatch(/my-os:system built twice: \d+ files, all byte-identical/);
  expect(all).not.toContain('demo-os');
});

it('a bench finds its container and its kernel', async () => {
  workspace.edit('os-images/my-os/compose.yaml', (text) => `${text.trimEnd().replace(/ }$/, ', budget: { limits: {} } }')}\n`);
  const { exitCode, all } = await type(
    `node --import @swc-node/register/esm-register --input-type=module -e "import { imageProject } from './tools/bench/project.ts'; console.log(JSON.stringify(await imageProject('my-os')))"`,
  );
  expect(exitCode, all).toBe(0);
  const project = JSON.parse(all) as { tasks: string[] };
  expect(project).toMatchObject({
    name: 'my-os',
    containers: ['web'],
    iso: 'dist/os-images/my-os/my-os.iso',
    containerFile: { file: 'os-images/my-os/web/srv/index.html', target: 'bundle-web' },
  });
  expect(project.tasks).toContain('base-vm:sources');
  expect(project.tasks.at(-1)).toBe('my-os:iso');
});
