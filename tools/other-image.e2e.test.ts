// The guide says how an image is copied under another name. What is then run for the copy must be about the copy.
import { execa } from 'execa';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { commandsOf } from './docs/commands.ts';
import { root } from './files.ts';
import { createStandInWorkspace } from './stand-in/workspace.ts';
import { nxEnvironment } from './workspace-copy.ts';

const workspace = createStandInWorkspace();
afterAll(() => workspace.remove());

async function type(command: string): Promise<{ exitCode: number | undefined; all: string }> {
  const { exitCode, all } = await execa('sh', ['-c', command], {
    cwd: workspace.directory,
    env: { ...nxEnvironment(), CONTAINER_OS_CACHE: workspace.cache },
    extendEnv: false,
    all: true,
    reject: false,
  });
  return { exitCode, all };
}

beforeAll(async () => {
  const [copy] = commandsOf(readFileSync(join(root, 'docs/guide.md'), 'utf8'), 'docs/guide.md').filter(({ section }) => section === 'Your own image');
  expect(copy?.commands).toHaveLength(3);
  const { exitCode, all } = await type((copy?.commands ?? []).join(' && '));
  expect(exitCode, all).toBe(0);
});

it('its ISO has its own name, and nothing of the other image was built', async () => {
  const { stdout } = await execa('find', ['dist/os-images', '-name', '*.iso'], { cwd: workspace.directory });
  expect(stdout).toBe('dist/os-images/my-os/my-os.iso');
});

it('its summary is of it', async () => {
  const { exitCode, all } = await type('node --import @swc-node/register/esm-register tools/iso-summary.ts my-os');
  expect(exitCode, all).toBe(0);
  expect(all).toContain('npx nx run my-os:run');
  expect(all).not.toContain('demo-os');
});

it('its target reproducible builds it twice', async () => {
  const { exitCode, all } = await type('npx nx run my-os:reproducible --only=system');
  expect(exitCode, all).toBe(0);
  expect(all).toMatch(/my-os:system built twice: \d+ files, all byte-identical/);
  expect(all).not.toContain('demo-os');
});

it('a bench finds its containers and targets', async () => {
  const { exitCode, all } = await type(
    `node --import @swc-node/register/esm-register --input-type=module -e "import { imageProject } from './tools/bench/project.ts'; console.log(JSON.stringify(await imageProject('my-os')))"`,
  );
  expect(exitCode, all).toBe(0);
  const project = JSON.parse(all) as { targets: string[] };
  expect(project).toMatchObject({
    name: 'my-os',
    containers: ['shell', 'web', 'client', 'counter'],
    containerFile: { file: expect.stringMatching(/^os-images\/my-os\/containers\//) },
  });
  expect(project.targets.at(-1)).toBe('iso');
});
