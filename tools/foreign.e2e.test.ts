// npm run e2e:foreign: the plugins as a stranger has them: from a registry, in a workspace that create-nx-workspace made, outside of this repository.
import { sha256File } from '@container-os/core';
import { execa } from 'execa';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { start, type Running } from '../packages/cache-server/test/running.ts';
import { root } from './files.ts';
import { publishAll, requireLoopback } from './foreign/publish.ts';
import { startRegistry, type Registry } from './foreign/registry.ts';
import { nxRun, type NxRun } from './nx.ts';
import { nxEnvironment } from './workspace-copy.ts';

const scratch = mkdtempSync(join(tmpdir(), 'foreign-'));
const shop = join(scratch, 'shop');
const elsewhere = join(scratch, 'a/deeper/place/another-name');
const MINUTE = 60_000;
const NX = '23.2.1';
const PORT = 18_080;
let registry: Registry;
let cache: Running;

const COMPOSE = `services:
  web:
    image: busybox
    x-os: { rootfs: [busybox] }
    command: [sh, -c, "echo Hello >/tmp/index.html; exec httpd -f -h /tmp"]
    ports: ["8080:80"]
  clock:
    image: busybox
    x-os: { rootfs: [busybox] }
    command: [sh, -c, "while true; do date; sleep 5; done"]
`;

/** A PATH with all programs of this machine but those that compile. */
function withoutCompilers(directory: string): string {
  mkdirSync(directory);
  const compiles = /gcc|g\+\+|clang|rustc|^(cc|c\+\+|cpp.*|make|gmake|ld.*|as|musl-.*|bison|flex|go|.*-(ld|as))$/;
  const linked = new Set<string>();
  for (const from of (process.env['PATH'] ?? '').split(':')) {
    for (const name of existsSync(from) ? readdirSync(from) : []) {
      if (!compiles.test(name) && !linked.has(name)) symlinkSync(join(from, name), join(directory, name));
      linked.add(name);
    }
  }
  return directory;
}

/** Boots edge, and waits for what its service says at a forwarded port. */
async function says(env: NodeJS.ProcessEnv, text: RegExp): Promise<void> {
  // What starts nx for a person hands no signal on.
  const argv = [join(shop, 'node_modules/.bin/nx'), 'run', 'edge:run', `--forward=${PORT}:8080`];
  const options = { cwd: shop, env: { ...nxEnvironment(), ...registry.env, ...env }, extendEnv: false, all: true, reject: false } as const;
  const running = execa(process.execPath, argv, { ...options, input: '', timeout: 5 * MINUTE, killSignal: 'SIGINT' });
  const page = async (): Promise<string> => (await fetch(`http://127.0.0.1:${PORT}/`).catch(() => undefined))?.text() ?? '';
  await expect.poll(page, { timeout: 4 * MINUTE, interval: 500 }).toMatch(text);
  running.kill('SIGINT');
  await running;
}

/** What a person runs, with nobody to answer a question. */
async function command(cwd: string, ...argv: string[]): Promise<string> {
  const [file = '', ...args] = argv;
  const started = performance.now();
  const { all } = await execa(file, args, { cwd, env: { ...nxEnvironment(), ...registry.env }, extendEnv: false, all: true, input: '', timeout: 10 * MINUTE });
  console.log(`${argv.join(' ')}: ${((performance.now() - started) / 1000).toFixed(1)} s`);
  return all;
}

/** Runs a target; workspaces share nothing but the cache server. */
async function run(workspace: string, target: string, env: NodeJS.ProcessEnv = {}): Promise<NxRun> {
  const own = { NX_CACHE_DIRECTORY: join(workspace, '.nx/cache'), NX_WORKSPACE_DATA_DIRECTORY: join(workspace, '.nx/workspace-data') };
  const made = await nxRun(workspace, target, { ...registry.env, ...own, ...env });
  expect(made.exitCode, made.output).toBe(0);
  return made;
}

const remote = (): NodeJS.ProcessEnv => ({
  NX_SELF_HOSTED_REMOTE_CACHE_SERVER: cache.url,
  NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN: cache.tokens['main'],
});

beforeAll(async () => {
  registry = await startRegistry(join(scratch, 'registry'));
  cache = await start();
  for (const target of ['tools:build-packages', 'base-vm:prebuild'])
    await execa('npx', ['nx', 'run', target], { cwd: root, env: nxEnvironment(), extendEnv: false });
  await publishAll(registry.url, registry.env);
  const answers = ['--preset=apps', '--nxCloud=skip', '--no-interactive', '--packageManager=npm', '--skipGit'];
  await command(scratch, 'npx', '--yes', `create-nx-workspace@${NX}`, 'shop', ...answers);
}, 15 * MINUTE);
afterAll(async () => {
  await registry.stop();
  await cache.close();
  rmSync(scratch, { recursive: true, force: true });
});

it('only a registry of this machine is published to from a checkout', () => {
  expect(() => requireLoopback('https://registry.example.org/')).toThrow('https://registry.example.org/ is not on this machine');
});

it(
  'adding the package registers the plugin, and asks nothing',
  async () => {
    await command(shop, 'npx', 'nx', 'add', '@container-os/image');
    expect(readFileSync(join(shop, 'nx.json'), 'utf8')).toContain('@container-os/image/plugin');
  },
  10 * MINUTE,
);

it(
  'a Compose file becomes an image of the graph, whose targets wait for no project of this repository',
  async () => {
    writeFileSync(join(shop, 'compose.yaml'), COMPOSE);
    await command(shop, 'npx', 'nx', 'g', '@container-os/image:image', 'os/edge', '--from', 'compose.yaml');
    expect((await command(shop, 'npx', 'nx', 'show', 'projects')).split('\n').sort()).toEqual(['base-vm', 'edge']);
    await command(shop, 'npx', 'nx', 'graph', '--file=graph.json');
    const { graph } = JSON.parse(readFileSync(join(shop, 'graph.json'), 'utf8')) as { graph: { nodes: Record<string, { data: { root: string } }> } };
    expect(graph.nodes['base-vm']?.data.root).toBe('node_modules/@container-os/image/bases/vm');
    expect(JSON.stringify(graph)).not.toContain(root);
  },
  5 * MINUTE,
);

it(
  'without a compiler the image is made of prebuilt artifacts, and boots; a change of the file makes what it concerns anew',
  async () => {
    const env = { PATH: withoutCompilers(join(scratch, 'bin')) };
    const made = await run(shop, 'edge:iso', env);
    expect(made.built).toEqual(expect.arrayContaining(['kernel', 'busybox', 'bundle-web', 'iso']));
    expect([...made.built, ...made.cached]).not.toContain('sources');
    await run(shop, 'edge:doctor', env);
    await says(env, /^Hello$/m);
    await run(shop, 'edge:qemu-test--direct', env);
    edit(join(shop, 'compose.yaml'), (text) => text.replace('Hello', 'Hello again'));
    expect((await run(shop, 'edge:iso', env)).built.sort()).toEqual(['bundle-web', 'iso', 'rootfs']);
    expect(await command(shop, 'npx', 'nx', 'show', 'projects', '--affected', '--files=compose.yaml')).toBe('edge');
  },
  20 * MINUTE,
);

it('in an empty directory, Compose files are read by a package that brings no plugin and no Nx, and the cache server runs', async () => {
  const empty = join(scratch, 'empty');
  mkdirSync(empty);
  writeFileSync(join(empty, 'compose.yaml'), 'services:\n  web: { image: nginx, ports: ["80:80"] }\n');
  expect(await command(empty, 'npx', '--yes', '@container-os/compose', 'check', 'compose.yaml')).toBe('compose.yaml: translated');
  expect(JSON.parse(await command(empty, 'npx', '--yes', '@container-os/compose', 'config'))).toMatchObject({ services: { web: { image: 'nginx' } } });
  expect(await command(empty, 'npx', '--yes', '@container-os/cache-server', '--version')).toBe('0.1.0');
  await command(empty, 'npm', 'install', '--no-save', '@container-os/compose');
  expect(readdirSync(join(empty, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual(['@container-os', 'yaml']);
  expect(readdirSync(join(empty, 'node_modules/@container-os'))).toEqual(['compose']);
});

it(
  'a byte of an installed plugin counts; an unrelated package, the path and the name of the workspace do not',
  async () => {
    const first = await run(shop, 'base-vm:source-tini', remote());
    expect(first.built).toContain('source-tini');
    expect((await run(shop, 'base-vm:source-tini')).cached.sort()).toEqual(['source-tini', 'sources']);

    mkdirSync(join(elsewhere, '..'), { recursive: true });
    cpSync(shop, elsewhere, { recursive: true, verbatimSymlinks: true });
    for (const made of ['dist', '.nx']) rmSync(join(elsewhere, made), { recursive: true, force: true });
    edit(join(elsewhere, 'package.json'), (text) => text.replace('@shop/source', '@elsewhere/source'));
    mkdirSync(join(elsewhere, 'node_modules/unrelated'));
    writeFileSync(join(elsewhere, 'node_modules/unrelated/package.json'), '{ "name": "unrelated", "version": "1.0.0" }');
    const second = await run(elsewhere, 'base-vm:source-tini', remote());
    expect(second.hashes).toEqual(first.hashes);
    expect(second.fetched.sort()).toEqual(['source-tini', 'sources']);
    const layer = 'dist/container-os/base/vm/source/tini/layer.cpio';
    expect(await sha256File(join(elsewhere, layer))).toBe(await sha256File(join(shop, layer)));

    edit(join(elsewhere, 'node_modules/@container-os/tini/src/executor.js'), (text) => `${text}\n`);
    const edited = await run(elsewhere, 'base-vm:source-tini');
    expect(edited.built).toEqual(['source-tini']);
    expect(edited.cached).toEqual(['sources']);
  },
  10 * MINUTE,
);

it(
  'nx migrate brings the next version, whose migration changes the scripts of the workspace, and which the OS names',
  async () => {
    edit(join(shop, 'package.json'), (text) => JSON.stringify({ ...JSON.parse(text), scripts: { check: 'container-os check compose.yaml' } }, null, 2));
    await publishAll(registry.url, registry.env, nextVersion(join(scratch, 'next')));
    // Otherwise the newest nx does it, once npm has vouched for it, which a registry of this machine cannot.
    const migrate = ['env', 'NX_MIGRATE_USE_LOCAL=true', 'npx', 'nx', 'migrate'];
    await command(shop, ...migrate, '@container-os/image@0.2.0', '--interactive=false');
    await command(shop, 'npm', 'install');
    await command(shop, ...migrate, '--run-migrations');
    expect(await command(shop, 'npm', 'run', '--silent', 'check')).toBe('compose.yaml: translated');
    expect(await command(shop, 'npm', 'ls', '--depth=0')).toMatch(/@container-os\/compose@0\.2\.0[^]*@container-os\/image@0\.2\.0/);
    await run(shop, 'edge:iso');
    expect(readFileSync(join(shop, 'dist/os/edge/system/layer.cpio'), 'latin1')).toContain('VERSION_ID=0.2.0\n');
  },
  20 * MINUTE,
);

it(
  'prebuilt and from source, demo-os has the bytes that it has in this repository, and boots',
  async () => {
    cpSync(join(root, 'os-images/demo-os'), join(shop, 'os-images/demo-os'), { recursive: true });
    await execa('npx', ['nx', 'run', 'demo-os:iso'], { cwd: root, env: nxEnvironment(), extendEnv: false });
    const iso = 'dist/os-images/demo-os/demo-os.iso';
    for (const sources of ['prebuilt', 'source']) {
      edit(join(shop, 'os-images/demo-os/compose.yaml'), (text) => text.replace(/^x-os:\n(  sources: \w+\n)?/m, `x-os:\n  sources: ${sources}\n`));
      expect((await run(shop, 'demo-os:iso')).built.includes('source-kernel')).toBe(sources === 'source');
      expect(await sha256File(join(shop, iso)), sources).toBe(await sha256File(join(root, iso)));
    }
    await run(shop, 'demo-os:qemu-test--direct');
  },
  60 * MINUTE,
);

/** A copy of all that is published, as version 0.2.0. */
function nextVersion(to: string): string {
  for (const directory of ['dist/packages', 'dist/prebuilt']) {
    cpSync(join(root, directory), join(to, directory), { recursive: true });
    for (const folder of readdirSync(join(to, directory))) edit(join(to, directory, folder, 'package.json'), (text) => text.replaceAll('"0.1.0"', '"0.2.0"'));
  }
  return to;
}

function edit(file: string, change: (text: string) => string): void {
  writeFileSync(file, change(readFileSync(file, 'utf8')));
}
