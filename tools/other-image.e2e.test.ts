// An image of its own in a workspace that has demo-os: both are on one base, and what is run for the new one is about the new one.
import { execa } from 'execa';
import { readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { globbySync } from 'globby';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recipeTools } from './host-tools.mjs';
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
const environment: NodeJS.ProcessEnv = { ...nxEnvironment(), CONTAINER_OS_CACHE: cache };
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
    containers: ['my-os-web-1'],
    iso: 'dist/os-images/my-os/my-os.iso',
    containerFile: { file: 'os-images/my-os/web/srv/index.html', target: 'bundle-web' },
  });
  expect(project.tasks).toContain('base-vm:sources');
  expect(project.tasks.at(-1)).toBe('my-os:iso');
});

describe('a value that may be secret', () => {
  /** In "environment", of .env, of a file with variables, and of the process environment. */
  const SECRETS = ['canary-inline-7Q', 'canary-dotenv-7Q', 'canary-envfile-7Q', 'canary-process-7Q'];
  const [INLINE, DOTENV, ENV_FILE, PROCESS] = SECRETS as [string, string, string, string];
  /** What the image itself consists of. */
  const IMAGE = /(^|\/)(bundle-web\/layer\.cpio|rootfs\/rootfs\.squashfs|my-os\.iso)$/;

  function filesWith(value: string): string[] {
    const below = [...globbySync(['dist/**/*', '.nx/**/*'], { cwd: directory, dot: true }).map((file) => join(directory, file)), ...filesOfCache()];
    return below.filter((file) => readFileSync(file).includes(value));
  }
  const filesOfCache = (): string[] => globbySync(['**/*', '!store/**', '!trees/**'], { cwd: cache, dot: true, absolute: true });

  beforeAll(async () => {
    workspace.edit('os-images/my-os/.env', () => `DB_PASSWORD=${DOTENV}\n`);
    workspace.edit('os-images/my-os/web.env', () => `TOKEN=${ENV_FILE}\n`);
    workspace.edit('os-images/my-os/compose.yaml', () =>
      DEFINITION.replace(
        '    command:',
        `    env_file: web.env\n    environment: { OWN: ${INLINE}, PASSWORD: "\${DB_PASSWORD}", GIVEN: "\${SHOP_GIVEN}" }\n    command:`,
      ).replace('x-os: {}', 'x-os: { environment: [SHOP_GIVEN] }'),
    );
    environment['SHOP_GIVEN'] = PROCESS;
    const { exitCode, output } = await nxRun(directory, 'my-os:iso', { CONTAINER_OS_CACHE: cache, SHOP_GIVEN: PROCESS });
    expect(exitCode, output).toBe(0);
    expect(output).toContain('SECRET_IN_IMAGE: the image and every cache that has it hold the values of TOKEN, PASSWORD');
    expect(SECRETS.filter((value) => output.includes(value))).toEqual([]);
  });

  it.each(SECRETS)('%s is in the image, and in no other output, log, record or cache', (value) => {
    const found = filesWith(value);
    // The search finds what is there: the layer, in dist and in the cache of Nx.
    expect(found.filter((file) => file.endsWith('bundle-web/layer.cpio')).length).toBeGreaterThanOrEqual(2);
    expect(found.filter((file) => !IMAGE.test(file))).toEqual([]);
  });

  it.each([
    'npx nx show project my-os --json',
    'npx nx graph --file=graph.json && cat graph.json && rm graph.json',
    'npx nx run my-os:bundle-web --graph=tasks.json && cat tasks.json && rm tasks.json',
    'npm run --silent why -- my-os:iso --json',
  ])('%s shows none', async (command) => {
    const { exitCode, all } = await type(command);
    expect(exitCode, all).toBe(0);
    expect(all).toContain('bundle-web');
    expect(SECRETS.filter((one) => all.includes(one))).toEqual([]);
  });

  it('is refused where it would be an option, without being shown', async () => {
    workspace.edit('os-images/my-os/compose.yaml', (text) => text.replace('exec sleep infinity', '"exec sleep $DB_PASSWORD"'));
    const { exitCode, all } = await type('npx nx show project my-os --json');
    expect(exitCode).not.toBe(0);
    expect(all).toContain('SECRET_IN_OPTION: os-images/my-os/compose.yaml:');
    expect(all).toContain('services.web.command: the value of ${DB_PASSWORD} would be shown');
    expect(all).not.toContain(DOTENV);
  });
});

describe('a new artifact plugin', () => {
  const FOLDER = 'packages/agent';
  // Its folder is outside: in a Git repository Nx would keep its cache in the home directory.
  const git = (args: string): ReturnType<typeof type> => type(`git --git-dir=../git --work-tree=. ${args}`);
  const root = async (file: string): Promise<string> => (await type(`unsquashfs -cat dist/os-images/my-os/rootfs/rootfs.squashfs ${file}`)).all;

  beforeAll(async () => {
    workspace.edit('os-images/my-os/compose.yaml', () => DEFINITION);
    expect(await nx('my-os:rootfs')).toMatchObject({ exitCode: 0 });
    for (const step of ['init -q', 'add -A', '-c user.name=a -c user.email=a@example.org commit -qm start']) {
      const { exitCode, all } = await git(step);
      expect(exitCode, all).toBe(0);
    }
    const generated = await type('npx nx g @container-os/image:artifact-plugin agent');
    expect(generated.exitCode, generated.all).toBe(0);
    // As by "npm install", but the npm packages that this copy shares stay as they are.
    symlinkSync('../../packages/agent', join(directory, 'node_modules/@container-os/agent'));
    const lock = await type('npm install --package-lock-only --offline --ignore-scripts --no-audit --no-fund');
    expect(lock.exitCode, lock.all).toBe(0);
    workspace.edit('os-images/my-os/compose.yaml', (text) =>
      text.replace('x-os: {}', 'x-os: { artifacts: { agent: { executor: "@container-os/agent:agent" } } }'),
    );
  });

  it('is built into the root file system of the image that names it; all else is as it was', async () => {
    const { exitCode, output, built } = await nx('my-os:rootfs');
    expect(exitCode, output).toBe(0);
    expect(built).toEqual(['agent', 'rootfs']);
    expect(await root('etc/agent')).toBe('hello');
    expect(await nx('my-os:rootfs')).toMatchObject({ exitCode: 0, built: [] });
    expect(await nx('demo-os:iso')).toMatchObject({ exitCode: 0, built: [] });
  });

  it('is built again after an edit of it', async () => {
    workspace.edit(`${FOLDER}/src/executor.ts`, (text) => text.replace('hello', 'good day'));
    const { exitCode, output, built } = await nx('my-os:rootfs');
    expect(exitCode, output).toBe(0);
    expect(built).toEqual(['agent', 'rootfs']);
    expect(await root('etc/agent')).toBe('good day');
  });

  it('brings a host tool along, which the bootstrap installs, the executor may call and the manifest names', async () => {
    workspace.edit(`${FOLDER}/src/recipe.json`, () => JSON.stringify({ tools: ['b2sum'], ownTools: { b2sum: { deb: 'coreutils' } } }));
    workspace.edit(`${FOLDER}/src/executor.ts`, (text) =>
      text.replace('readImageText,', 'readImageText, run,').replace("'good day\\n'", "(await run(['b2sum', '--version'], context)).stdout"),
    );
    const { exitCode, output, built } = await nx('my-os:rootfs');
    expect(exitCode, output).toBe(0);
    expect(built).toEqual(['agent', 'rootfs']);
    expect(await root('etc/agent')).toMatch(/^b2sum/);
    const { toolchain } = JSON.parse(readFileSync(join(directory, 'dist/os-images/my-os/agent/manifest.json'), 'utf8')) as { toolchain: object };
    expect(Object.keys(toolchain)).toEqual(['b2sum']);
    expect(recipeTools(directory)).toHaveProperty('b2sum', { deb: 'coreutils' });
  });

  it("is one folder: nothing outside of it was changed but the image's compose.yaml and npm's own list of packages", async () => {
    const status = await git('status --porcelain --untracked-files=all');
    const changed = status.all.split('\n').filter((line) => !line.startsWith(`?? ${FOLDER}/`));
    expect(changed).toEqual([' M os-images/my-os/compose.yaml', ' M package-lock.json']);
    const { all } = await git('diff --unified=0 package-lock.json');
    expect(all.split('\n').filter((line) => /^-[^-]/.test(line))).toEqual([]);
  });
});
