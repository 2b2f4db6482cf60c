import { execa } from 'execa';
import { readFileSync, rmSync } from 'node:fs';
import { globbySync } from 'globby';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { NxRun } from './nx.ts';
import { distOf } from './stand-in/targets.ts';
import { createStandInWorkspace } from './stand-in/workspace.ts';
import { nxEnvironment } from './workspace-copy.ts';

const workspace = createStandInWorkspace();
const { directory, cache, edit } = workspace;
const dist = join(directory, 'dist');
const PAGE = 'os-images/demo-os/containers/web/rootfs/page';

beforeAll(async () => expect((await workspace.run('rootfs')).exitCode).toBe(0));
afterEach(() => workspace.restore());
afterAll(() => workspace.remove());

/** Builds the root with another page. */
async function buildWith(page: string): Promise<NxRun> {
  workspace.restore();
  edit(PAGE, () => page);
  return workspace.run('rootfs');
}

async function nx(...args: string[]) {
  const env = { ...nxEnvironment(), CONTAINER_OS_CACHE: cache };
  return execa('npx', ['nx', ...args], { cwd: directory, env, extendEnv: false, reject: false, all: true });
}

const hashIn = (target: string): string => readFileSync(join(workspace.artifact(target), 'task-hash'), 'utf8').trim();
const root = (): Buffer => readFileSync(join(workspace.artifact('rootfs'), 'rootfs.squashfs'));
const forget = (hash: string | undefined): void => rmSync(join(directory, '.nx/cache', hash ?? ''), { recursive: true });

it('a dependency that ran again to equal bytes leaves its dependent a hit', async () => {
  expect((await buildWith('F')).exitCode).toBe(0);
  const before = hashIn('bundle-web');
  edit('packages/oci-bundle/src/executor.ts', (text) => `${text}// edited\n`);
  const { built, exitCode } = await workspace.run('rootfs');
  expect(exitCode).toBe(0);
  expect(built).toEqual(['bundle-client', 'bundle-counter', 'bundle-shell', 'bundle-web']);
  expect(hashIn('bundle-web')).not.toBe(before);
});

it('what Nx records and cannot restore is not read: the message says what to do, and that mends it', async () => {
  const a = await buildWith('A');
  const rootOfA = root();
  expect(hashIn('bundle-web')).toBe(a.hashes['bundle-web']);
  const b = await buildWith('B');
  forget(a.hashes['bundle-web']);

  const refused = await buildWith('A');
  expect(refused.output).toContain('ARTIFACT_FOREIGN: dist/os-images/demo-os/bundle-web is not what demo-os:bundle-web makes');
  expect(refused.output).toContain(`expected task hash ${a.hashes['bundle-web']?.slice(0, 12)}, found ${b.hashes['bundle-web']?.slice(0, 12)}`);
  expect(refused).toMatchObject({ exitCode: 1 });
  const advice = /npx nx (run \S+ --skip-nx-cache.*)$/m.exec(refused.output)?.[1] ?? '';
  expect((await nx(...advice.trim().split(' '))).exitCode).toBe(0);
  expect(await workspace.run('rootfs')).toMatchObject({ exitCode: 0, hashes: a.hashes });
  expect(root().equals(rootOfA)).toBe(true);
});

it('what is restored lies where its own task puts it: the base in its directory, the image in its own', async () => {
  const { hashes, exitCode } = await buildWith('I');
  expect(exitCode).toBe(0);
  expect(new Set(Object.values(hashes)).size).toBe(Object.keys(hashes).length);
  rmSync(dist, { recursive: true });
  expect(await workspace.run('rootfs')).toMatchObject({ exitCode: 0, built: [] });
  const made = globbySync('**/task-hash', { cwd: dist }).map((file) => [dirname(file), readFileSync(join(dist, file), 'utf8').trim()]);
  expect(Object.fromEntries(made)).toEqual(Object.fromEntries(Object.entries(hashes).map(([target, hash]) => [distOf(target), hash])));
});

it('an empty dist is restored; what cannot be is missed by its own name, and not taken for an unknown source', async () => {
  const { hashes } = await buildWith('C');
  rmSync(dist, { recursive: true });
  expect(await workspace.run('rootfs')).toMatchObject({ exitCode: 0, built: [] });
  expect(hashIn('rootfs')).toBe(hashes['rootfs']);

  rmSync(dist, { recursive: true });
  forget(hashes['sources']);
  edit('packages/image/bases/vm/kernel/containers.config', (text) => `${text}CONFIG_DUMMY=y\n`);
  const { output, exitCode } = await workspace.run('kernel-config');
  expect(output).toContain('ARTIFACT_FOREIGN: dist/container-os/base/vm/sources is not what base-vm:sources makes: expected task hash');
  expect(output).toContain('found none');
  expect(output).not.toContain('SOURCE_UNKNOWN');
  expect(exitCode).toBe(1);
  expect((await nx('run', 'base-vm:sources', '--skip-nx-cache')).exitCode).toBe(0);
});

it('a run without dependencies takes what lies in dist, says so, and does not mistake other bytes for these', async () => {
  await buildWith('D');
  const rootOfD = root();
  edit('packages/rootfs/src/executor.ts', (text) => `${text}// edited\n`);
  const alone = await nx('run', 'demo-os:rootfs', '--exclude-task-dependencies');
  expect(alone.all).toMatch(/warning: made by a run that left out .*demo-os:bundle-web.*: what they make was taken as it lay in dist/);
  expect(alone.exitCode).toBe(0);
  expect(root().equals(rootOfD)).toBe(true);

  edit(PAGE, (text) => `${text}E`);
  expect((await nx('run', 'demo-os:bundle-web')).exitCode).toBe(0);
  expect((await nx('run', 'demo-os:rootfs', '--exclude-task-dependencies')).exitCode).toBe(0);
  expect(root().equals(rootOfD)).toBe(false);

  rmSync(dist, { recursive: true });
  const { all } = await nx('run', 'base-vm:kernel-config', '--exclude-task-dependencies');
  expect(all).toContain('ARTIFACT_MISSING');
  expect(all).not.toContain('SOURCE_UNKNOWN');
});

it('an ISO that another task made is not presented as the one that was asked for', async () => {
  expect((await nx('run', 'base-vm:sources', '--skip-nx-cache')).exitCode).toBe(0);
  const build = async (page: string): Promise<NxRun> => {
    workspace.restore();
    edit(PAGE, () => page);
    return workspace.run('iso');
  };
  const summary = () =>
    execa('node', ['--import', '@swc-node/register/esm-register', 'tools/iso-summary.ts', 'demo-os'], {
      cwd: directory,
      env: { ...nxEnvironment(), CONTAINER_OS_CACHE: cache },
      extendEnv: false,
      reject: false,
    });
  const g = await build('G');
  expect(await summary()).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('sha256 ') });
  await build('H');
  forget(g.hashes['iso']);
  expect(await build('G')).toMatchObject({ exitCode: 0, built: [] });
  expect(await summary()).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('ARTIFACT_FOREIGN: dist/os-images/demo-os/iso is not what') });
});
