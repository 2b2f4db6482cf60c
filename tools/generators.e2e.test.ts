import { execa } from 'execa';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nxRun } from './nx.ts';
import { copyWorkspace, nxEnvironment } from './workspace-copy.ts';

const workspace = mkdtempSync(join(tmpdir(), 'generators-'));
const IMAGE = '@container-os/image:image';

beforeAll(async () => {
  copyWorkspace(workspace);
  write('compose.yaml', 'services:\n  web:\n    image: nginx:1.27\n    volumes: ["./conf:/etc/nginx/conf.d:ro"]\n');
  write('conf/site.conf', 'server {}\n');
  write('apps/other/project.json', JSON.stringify({ name: 'other' }));
  write('apps/api/src/main.js', "console.log('one');\n");
  const build = {
    executor: 'nx:run-commands',
    cache: true,
    inputs: ['{projectRoot}/src/**/*'],
    outputs: ['{workspaceRoot}/dist/{projectRoot}'],
    options: { command: 'rm -rf dist/apps/api && mkdir -p dist/apps/api && cp apps/api/src/* dist/apps/api' },
  };
  write('apps/api/project.json', JSON.stringify({ name: 'api', targets: { build } }));
  await git('init', '--quiet');
  await git('add', '--all');
});
afterAll(() => rmSync(workspace, { recursive: true, force: true }));

describe('an image from a Compose file', () => {
  it('is not written by a dry run, is written once, and is undone by git', async () => {
    await generate(IMAGE, 'os/edge', '--from=compose.yaml', '--dry-run');
    expect(await untracked()).toEqual([]);
    await generate(IMAGE, 'os/edge', '--from=compose.yaml');
    expect(await untracked()).toEqual(['os/edge/compose.yaml']);
    const text = read('os/edge/compose.yaml');
    await generate(IMAGE, 'os/edge', '--from=compose.yaml');
    expect(read('os/edge/compose.yaml')).toBe(text);
  });

  it.each([
    ['compose.yaml', ['edge']],
    ['conf/site.conf', ['edge']],
    ['README.md', []],
  ])('a change of %s affects the boot tests of %j', async (file, images) => expect(await affected(file)).toEqual(images));
});

describe('an image of an application of the workspace', () => {
  it('is its graph: its source affects image and boot test, and nothing else does', async () => {
    await generate(IMAGE, 'os/one', '--app=api', '--base=node:22-slim', '--port=3000', '--command=node main.js');
    expect(await affected('apps/api/src/main.js')).toEqual(['one']);
    expect(await affected('apps/other/project.json')).toEqual([]);
    const { stdout } = await nx('run', 'one:qemu-test', '--graph=stdout');
    const { tasks } = JSON.parse(stdout) as { tasks: { dependencies: Record<string, string[]> } };
    expect(tasks.dependencies['one:bundle-api']).toContain('api:build');
  });

  it('its container is built again when its source changes, and only then', async () => {
    // No registry: the root is made of layers, and all else is as it was generated.
    write('os/one/compose.yaml', read('os/one/compose.yaml').replace('dependsOn:', 'rootfs: [busybox], dependsOn:').replace('node main.js', 'cat main.js'));
    const first = await nxRun(workspace, 'one:bundle-api');
    expect(first.exitCode, first.output).toBe(0);
    expect(await layer()).toContain("console.log('one');");
    write('apps/other/src/x.js', 'x\n');
    write('apps/api/README.md', 'x\n');
    expect((await nxRun(workspace, 'one:bundle-api')).built).toEqual([]);
    write('apps/api/src/main.js', "console.log('two');\n");
    const second = await nxRun(workspace, 'one:bundle-api');
    expect(second.built).toEqual(['build', 'bundle-api']);
    expect(await layer()).toContain("console.log('two');");
    // BusyBox may have to be compiled.
  }, 600_000);

  it('gets the packages that it needs at run time', async () => {
    write('apps/api/src/package.json', JSON.stringify({ name: 'api', version: '1.0.0', main: 'main.js', dependencies: { dep: 'file:dep.tgz' } }));
    write('dep/package.json', JSON.stringify({ name: 'dep', version: '1.0.0' }));
    await execa('npm', ['pack', './dep', '--pack-destination', 'apps/api/src'], { cwd: workspace });
    await execa('mv', ['apps/api/src/dep-1.0.0.tgz', 'apps/api/src/dep.tgz'], { cwd: workspace });
    await execa('npm', ['install', '--package-lock-only', '--offline'], { cwd: join(workspace, 'apps/api/src') });
    await nxRun(workspace, 'api:build');
    await generate(IMAGE, 'os/two', '--app=api', '--base=node:22-slim');
    expect(read('os/two/compose.yaml')).toContain('../../dist/os/two/app-api:/app:ro');
    const { exitCode, output, built } = await nxRun(workspace, 'two:app-api');
    expect(exitCode, output).toBe(0);
    expect(built).toContain('app-api');
    expect(JSON.parse(read('dist/os/two/app-api/node_modules/dep/package.json'))).toMatchObject({ name: 'dep' });
    expect((await nxRun(workspace, 'two:app-api')).built).toEqual([]);
    expect(await affected('apps/api/src/main.js')).toEqual(['one', 'two']);
  });
});

function write(path: string, text: string): void {
  mkdirSync(join(workspace, dirname(path)), { recursive: true });
  writeFileSync(join(workspace, path), text);
}

function read(path: string): string {
  return readFileSync(join(workspace, path), 'utf8');
}

async function git(...args: string[]): Promise<string> {
  return (await execa('git', args, { cwd: workspace })).stdout;
}

async function untracked(): Promise<string[]> {
  return (await git('ls-files', '--others', '--modified', '--exclude-standard', ':!node_modules')).split('\n').filter((line) => line !== '');
}

async function nx(...args: string[]): Promise<{ stdout: string }> {
  return await execa('npx', ['nx', ...args], { cwd: workspace, env: nxEnvironment(), extendEnv: false });
}

async function generate(...args: string[]): Promise<void> {
  await nx('g', ...args);
}

/** Images whose boot test `nx affected` runs. */
async function affected(file: string): Promise<string[]> {
  const { stdout } = await nx('show', 'projects', '--affected', '--with-target=qemu-test', '--json', `--files=${file}`);
  return (JSON.parse(stdout) as string[]).sort();
}

/** The bundle's layer, as text. */
async function layer(): Promise<string> {
  return (await execa('cat', [join(workspace, 'dist/os/one/bundle-api/layer.cpio')], { encoding: 'latin1' })).stdout;
}
