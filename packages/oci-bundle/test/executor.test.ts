import { readManifest } from '@container-os/core';
import { useWorkspace } from '@container-os/core/testing';
import { bytesOf, fileEntry, symlinkEntry, type Entry } from '@container-os/cpio';
import { readLayer, writeLayer } from '@container-os/cpio/fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import bundle from '../src/executor.ts';
import { firstId } from '../src/id-range.ts';
import { elf } from './elf.ts';
import { installProfile } from './profile.ts';

const workspace = useWorkspace();
const { artifact } = workspace;

beforeEach(async () => {
  await installProfile(workspace);
  await mkdir(artifact('busybox'), { recursive: true });
  const linked: Entry = { ...fileEntry('bin/gzip', '', 0o755), hardLinkTo: 'bin/busybox' };
  await writeLayer(join(artifact('busybox'), 'layer.cpio'), [
    fileEntry('bin/busybox', elf(), 0o755),
    linked,
    symlinkEntry('bin/sh', '/bin/busybox'),
    fileEntry('etc/name', 'busybox\n'),
  ]);
});

/** Builds the container `web` of a definition and files beside it. */
async function build(
  definition: { rootfs: [string, ...string[]]; [key: string]: unknown },
  files: Record<string, string> = {},
  patches: (string | Record<string, unknown>)[] = [],
): Promise<boolean> {
  for (const [path, text] of Object.entries(files)) await workspace.write(`containers/web/${path}`, text);
  const { rootfs, ...service } = { command: ['/bin/sh'], ...definition };
  return workspace.run(bundle, 'bundle-web', { rootfs, service, patches }, { dependsOn: ['seccomp-profile', 'busybox'] });
}

const layer = async (): Promise<Map<string, Entry>> =>
  new Map((await readLayer(join(artifact('bundle-web'), 'layer.cpio'))).map((entry) => [entry.path, entry]));

const text = (entry: Entry | undefined): string => (entry?.type === 'file' ? Buffer.from(bytesOf(entry.data)).toString() : `${entry?.type}`);

describe('the bundle', () => {
  it("is the configuration and the root file system, below /containers and the container's name", async () => {
    const files = { 'rootfs/srv/index.html': 'hi\n', 'patch.json': '{"process":{"cwd":"/srv"}}' };
    expect(await build({ rootfs: ['busybox', './containers/web/rootfs'] }, files, ['containers/web/patch.json', { hostname: 'shop' }])).toBe(true);
    const entries = await layer();
    expect(JSON.parse(text(entries.get('containers/web/config.json')))).toMatchObject({
      hostname: 'shop',
      process: { cwd: '/srv', args: ['/bin/sh'] },
      linux: { cgroupsPath: '/containers/web' },
    });
    expect(text(entries.get('containers/web/rootfs/srv/index.html'))).toBe('hi\n');
    expect(entries.get('containers/web/rootfs/bin/sh')).toMatchObject({ type: 'symlink', target: '/bin/busybox' });
    expect((await readManifest(artifact('bundle-web'))).details).toEqual({ containers: ['web'] });
  });

  it("belongs to the id of the container's root, its configuration to root of the OS", async () => {
    expect(await build({ rootfs: ['busybox'] })).toBe(true);
    const owner = firstId('web');
    const entries = await layer();
    expect(entries.get('containers/web/rootfs')).toMatchObject({ type: 'directory', mode: 0o755, uid: owner, gid: owner });
    expect(entries.get('containers/web/rootfs/bin/busybox')).toMatchObject({ uid: owner, gid: owner });
    expect(entries.get('containers/web/rootfs/proc')).toMatchObject({ uid: owner, gid: owner });
    expect(entries.get('containers/web/config.json')).toMatchObject({ uid: 0, gid: 0 });
    expect(await build({ rootfs: ['busybox'], userns_mode: 'host' })).toBe(true);
    expect((await layer()).get('containers/web/rootfs/bin/busybox')).toMatchObject({ uid: 0, gid: 0 });
  });

  it('tells what weakens the promises of the OS, a line each', async () => {
    expect(await build({ rootfs: ['busybox'], userns_mode: 'host', security_opt: ['no-new-privileges', 'seccomp:unconfined'] })).toBe(true);
    expect(workspace.written.match(/OPT_OUT: .*/g)).toEqual([
      'OPT_OUT: container web: security_opt: seccomp:unconfined: The program may use every system call.',
      'OPT_OUT: container web: userns_mode: host: Root of the container is root of the OS.',
    ]);
  });

  it('gives the container also the directories above a mount point that its root lacks: it may write to them', async () => {
    expect(await build({ rootfs: ['busybox'], volumes: ['shop:/var/shop'] })).toBe(true);
    expect((await layer()).get('containers/web/rootfs/var')).toMatchObject({ type: 'directory', uid: firstId('web'), gid: firstId('web') });
  });

  it('has the name that the definition gives it', async () => {
    expect(await build({ rootfs: ['busybox'], container_name: 'shop' })).toBe(true);
    expect([...(await layer()).keys()]).toContain('containers/shop/config.json');
  });

  it('keeps hard links, and lets a later part win', async () => {
    expect(await build({ rootfs: ['busybox', './containers/web/rootfs'] }, { 'rootfs/etc/name': 'web\n' })).toBe(true);
    const entries = await layer();
    expect(entries.get('containers/web/rootfs/bin/gzip')).toMatchObject({ hardLinkTo: 'containers/web/rootfs/bin/busybox' });
    expect(text(entries.get('containers/web/rootfs/etc/name'))).toBe('web\n');
  });

  it('lets the first part win when the order is the other way round', async () => {
    expect(await build({ rootfs: ['./containers/web/rootfs', 'busybox'] }, { 'rootfs/etc/name': 'web\n' })).toBe(true);
    expect(text((await layer()).get('containers/web/rootfs/etc/name'))).toBe('busybox\n');
  });

  it('has the mount points that its root lacks, not those below another mount', async () => {
    expect(await build({ rootfs: ['busybox'], 'x-profile': 'hardened' })).toBe(true);
    const paths = [...(await layer()).keys()];
    expect(paths).toEqual(expect.arrayContaining(['proc', 'sys', 'dev', 'run', 'tmp'].map((path) => `containers/web/rootfs/${path}`)));
    expect(paths).not.toContain('containers/web/rootfs/dev/pts');
    expect(await build({ rootfs: ['busybox'] })).toBe(true);
    const ofDocker = await layer();
    expect([...ofDocker.keys()]).toContain('containers/web/rootfs/etc/hostname');
    expect([...ofDocker.keys()]).not.toContain('containers/web/rootfs/run');
    expect(ofDocker.get('containers/web/rootfs/tmp')).toMatchObject({ type: 'directory', mode: 0o1777 });
  });

  it('built twice has equal bytes', async () => {
    expect(await build({ rootfs: ['busybox'] })).toBe(true);
    const first = await readFile(join(artifact('bundle-web'), 'layer.cpio'));
    expect(await build({ rootfs: ['busybox'] })).toBe(true);
    expect((await readFile(join(artifact('bundle-web'), 'layer.cpio'))).equals(first)).toBe(true);
  });
});

describe('bad input', () => {
  it.each<[{ rootfs: [string, ...string[]]; [key: string]: unknown }, Record<string, string>, (string | Record<string, unknown>)[], string, string]>([
    [{ rootfs: ['./containers/web/none'] }, {}, [], 'CONTAINER_ROOTFS_MISSING', 'containers/web/none: no such directory'],
    [{ rootfs: ['none'] }, {}, [], 'CONTAINER_ROOTFS_MISSING', '"none" is not a target in "dependsOn" (seccomp-profile, busybox)'],
    [{ rootfs: ['seccomp-profile'] }, {}, [], 'CONTAINER_ROOTFS_MISSING', 'the target "seccomp-profile" did not make '],
    [{ rootfs: ['busybox'], restrat: 'no' }, {}, [], 'CONTAINER_DEFINITION_INVALID', 'demo:bundle-web: /restrat: expected one of the keys'],
    [{ rootfs: ['busybox'], container_name: '.web' }, {}, [], 'CONTAINER_NAME_INVALID', '".web"'],
    [{ rootfs: ['busybox'] }, {}, ['containers/web/none.json'], 'FILE_MISSING', 'containers/web/none.json: no such file'],
    [{ rootfs: ['busybox'] }, { 'bad.json': '{' }, ['containers/web/bad.json'], 'OCI_CONFIG_INVALID', 'containers/web/bad.json: not JSON'],
    [{ rootfs: ['busybox'], command: ['httpd'] }, {}, [], 'CONTAINER_COMMAND_MISSING', 'container "web" runs "httpd"'],
    [{ rootfs: ['busybox'], healthcheck: { test: ['CMD', 'none'] } }, {}, [], 'CONTAINER_COMMAND_MISSING', 'container "web" checks its health by "none"'],
    [{ rootfs: ['busybox'], read_only: true, working_dir: '/none' }, {}, [], 'OCI_CONFIG_INVALID', '/process/cwd: expected a directory of its rootfs'],
    [{ rootfs: ['busybox'] }, {}, [{ process: { rlimits: [{ type: 'RLIMIT_CORE', soft: 2, hard: 1 }] } }], 'OCI_CONFIG_INVALID', '/process/rlimits/0/soft'],
    [{ rootfs: ['busybox', './containers/web/rootfs'] }, { 'rootfs/bin/sh/x': '' }, [], 'LAYER_CONFLICT', 'bin/sh'],
  ])('%j fails with a code and a hint, and leaves no artifact', async (definition, files, config, code, message) => {
    expect(await build(definition, files, config)).toBe(false);
    expect(workspace.written).toContain(`${code}: `);
    expect(workspace.written).toContain(message);
    expect(workspace.written).toMatch(/\n {2}hint: {2}\S/);
    await expect(readManifest(artifact('bundle-web'))).rejects.toMatchObject({ code: 'ARTIFACT_MISSING' });
  });
});
