import { mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { globbySync } from 'globby';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { createStandInWorkspace } from './stand-in/workspace.ts';

const workspace = createStandInWorkspace();
const { base, directory, edit, editTarget } = workspace;
const BASE = 'packages/image/bases/vm';

beforeAll(async () => {
  const { exitCode, output } = await workspace.run('iso');
  expect(exitCode, output).toBe(0);
});
// Whatever went wrong: nothing half-written is left, and once mended everything is right and cached.
afterEach(async () => {
  workspace.restore();
  expect(globbySync('*/**/*.partial-*', { cwd: join(directory, 'dist'), onlyFiles: false })).toEqual([]);
  const { exitCode, built } = await workspace.run('iso');
  expect({ exitCode, built }).toEqual({ exitCode: 0, built: [] });
});
afterAll(() => workspace.remove());

/** Expects a target to fail with a line of code and message, and a hint. */
async function expectRefusal(target: string, message: RegExp, env: NodeJS.ProcessEnv = {}): Promise<void> {
  const { exitCode, output } = await workspace.run(target, env);
  expect(output).toMatch(message);
  expect(output).toMatch(/\n {2}hint: {2}\S/);
  expect(output).not.toContain('BUG:');
  expect(exitCode).not.toBe(0);
}

it('an unknown option is named', async () => {
  editTarget('iso', { options: { timout: 7 } });
  const { exitCode, output } = await workspace.run('iso');
  expect(output).toContain('timout');
  expect(exitCode).not.toBe(0);
});

it('a key of x-os that nobody knows is named with its place, before anything is built', async () => {
  edit('os-images/demo-os/compose.yaml', (text) => text.replace(/^x-os:\n/m, '$&  hostnam: shop\n'));
  await expect(workspace.run('iso')).rejects.toThrow(/X_OS_INVALID: os-images\/demo-os\/compose\.yaml:\d+:\d+: x-os\.hostnam: unknown key[^]*hint: /);
});

it('a variable that is not set is told with its place, once', async () => {
  edit('os-images/demo-os/compose.yaml', (text) => text.replace('image: busybox\n', 'image: busybox:$TAG\n'));
  const told = async (): Promise<string[]> => [...(await workspace.run('iso')).output.matchAll(/^warning: .*$/gm)].map(([line]) => line);
  expect(await told()).toEqual([expect.stringMatching(/os-images\/demo-os\/compose\.yaml:\d+:\d+: TAG: the variable is not set, its place stays empty$/)]);
  expect(await told()).toEqual([]);
});

it('a container directory that does not exist is named', async () => {
  edit('os-images/demo-os/compose.yaml', (text) => text.replace('./containers/web/rootfs]', './containers/web/root]'));
  await expectRefusal('bundle-web', /CONTAINER_ROOTFS_MISSING: .*containers\/web\/root: no such directory/);
});

it.each<[string, (text: string) => string, RegExp]>([
  [
    'two containers with one name',
    (text) => text.replace('container_name: client', 'container_name: web'),
    /container_name: "web" is the name of the service "web"/,
  ],
  [
    'a port twice',
    (text) => text.replace('network_mode: none', 'ports: ["8080:1"]'),
    /services\.counter\.ports: 8080\/tcp of the OS is published by services\.web/,
  ],
  [
    'a health that nobody checks',
    (text) => text.replace(/ +healthcheck: .*\n/, ''),
    /services\.client\.depends_on\.web: the service waits until web is healthy/,
  ],
  ['a key that is misspelt', (text) => text.replace('cpus:', 'cpu:'), /services\.shell\.cpu: Compose has no such key[^]*"cpus"/],
])('%s is told with its place, before anything is built', async (_, change, message) => {
  edit('os-images/demo-os/compose.yaml', change);
  const refused = workspace.run('iso');
  await expect(refused).rejects.toThrow(message);
  await expect(refused).rejects.toThrow(/: os-images\/demo-os\/compose\.yaml:\d+:\d+: [^]*hint: /);
});

it('a layer that "dependsOn" does not have is named, with what to add', async () => {
  const ofBase = ['busybox', 'crun', 'cni-plugins', 'e2fsprogs', 'cosctl', 'programs'].map((target) => `^${target}`);
  editTarget('rootfs', { dependsOn: [...ofBase, 'system', 'bundle-*'] });
  await expectRefusal('rootfs', /LAYER_NOT_A_DEPENDENCY: "layers" names "tini"[^]*"dependsOn" of "rootfs"/);
});

it('a fragment that does not exist is named', async () => {
  editTarget('kernel-config', { options: { fragments: ['kernel/no-such.config'] } });
  await expectRefusal('kernel-config', /[A-Z_]+: .*kernel\/no-such\.config/);
});

it('a fragment that Kconfig cannot read is named with its line', async () => {
  edit(`${BASE}/kernel/storage.config`, (text) => `${text}CONFIG_EXT4_FS: y\n`);
  await expectRefusal('kernel-config', /[A-Z_]+: .*kernel\/storage\.config:\d+/);
});

it('a symbol that Kconfig does not know is named with its line, on or off', async () => {
  edit(`${BASE}/kernel/storage.config`, (text) => `${text}CONFIG_NO_SUCH_FS=y\n`);
  await expectRefusal(
    'kernel-config',
    /KCONFIG_SYMBOL_LOST: 1 of \d+ .*\n.*kernel\/storage\.config:\d+: CONFIG_NO_SUCH_FS=y, actual n; no Kconfig file defines it/,
  );
  edit(`${BASE}/kernel/storage.config`, (text) => text.replace('CONFIG_NO_SUCH_FS=y', '# CONFIG_NO_SUCH_FS is not set'));
  await expectRefusal('kernel-config', /kernel\/storage\.config:\d+: CONFIG_NO_SUCH_FS=n/);
});

it('a missing host tool is named with the way to get it', async () => {
  await expectRefusal('iso', /HOST_TOOL_MISSING: "xorriso".* not found \(iso needs it\)/, { PATH: pathWithout('xorriso') });
});

it('a source that no network reaches is named', async () => {
  pinUnknownBusybox();
  await expectRefusal('sources', /[A-Z_]+: .*busybox-stand-in/);
});

it('without the network, a source that is not in the store is named', async () => {
  pinUnknownBusybox();
  await expectRefusal('sources', /OFFLINE: [^]*busybox-stand-in/, { CONTAINER_OS_OFFLINE: '1' });
});

it('a failed build keeps the artifact of the last good one', async () => {
  const before = readFileSync(join(workspace.artifact('kernel-config'), 'manifest.json'), 'utf8');
  editTarget('kernel-config', { options: { fragments: ['kernel/no-such.config'] } });
  await workspace.run('kernel-config');
  expect(readFileSync(join(workspace.artifact('kernel-config'), 'manifest.json'), 'utf8')).toBe(before);
});

function pinUnknownBusybox(): void {
  const pin = /("name": "busybox-stand-in.*",\s+"sha256": ")[0-9a-f]{64}/;
  edit(`${BASE}/sources/debian.lock.json`, (text) => text.replace(pin, `$1${'0'.repeat(64)}`));
}

/** A PATH with links to every program there is but `name`. */
function pathWithout(name: string): string {
  const bin = join(base, 'bin');
  mkdirSync(bin);
  const programs = new Map(
    (process.env['PATH'] ?? '')
      .split(delimiter)
      .reverse()
      .flatMap((path) => list(path).map((one) => [one, join(path, one)] as const)),
  );
  programs.delete(name);
  for (const [program, path] of programs) symlinkSync(path, join(bin, program));
  return bin;
}

function list(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
