import { useWorkspace } from '@container-os/core/testing';
import { bytesOf, fileEntry, type Entry } from '@container-os/cpio';
import { readLayer, writeLayer } from '@container-os/cpio/fs';
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { readValues } from '../src/contents.ts';
import bundle from '../src/executor.ts';
import { firstId } from '../src/id-range.ts';
import { elf } from './elf.ts';
import { installProfile } from './profile.ts';

const workspace = useWorkspace();
const { artifact } = workspace;
const OWNER = firstId('web');

beforeEach(async () => {
  await installProfile(workspace);
  await mkdir(artifact('busybox'), { recursive: true });
  await writeLayer(join(artifact('busybox'), 'layer.cpio'), [fileEntry('bin/sh', elf(), 0o755), fileEntry('etc/app.conf', 'old')]);
  await workspace.write('conf/a/b.ini', 'b');
  await workspace.write('app.conf', 'new');
});

type Volume = Record<string, unknown>;
const build = (volumes: Volume[], binds: string[], service = {}): Promise<boolean> =>
  workspace.run(
    bundle,
    'bundle-web',
    { rootfs: ['busybox'], service: { command: ['/bin/sh'], ...service, volumes }, binds, patches: [] },
    { dependsOn: ['seccomp-profile', 'busybox'] },
  );
const bind = (source: string, target: string, copy: object = {}, rest: object = { read_only: true }): Volume => ({
  type: 'bind',
  source,
  target,
  ...rest,
  'x-workspace': copy,
});

const layer = async (): Promise<Map<string, Entry>> =>
  new Map((await readLayer(join(artifact('bundle-web'), 'layer.cpio'))).map((entry) => [entry.path.replace('containers/web/', ''), entry]));
const text = (entry: Entry | undefined): string => (entry?.type === 'file' ? Buffer.from(bytesOf(entry.data)).toString() : `${entry?.type}`);
const mountOf = async (destination: string): Promise<object | undefined> =>
  (JSON.parse(text((await layer()).get('config.json'))) as { mounts: { destination: string }[] }).mounts.find((one) => one.destination === destination);

it('what nobody writes to is mounted from the image; its files belong to root of the container', async () => {
  expect(await build([bind('./conf', '/etc/conf'), bind('./app.conf', '/etc/app.conf')], ['./conf', './app.conf']), workspace.written).toBe(true);
  const entries = await layer();
  expect(entries.get('binds/0/a/b.ini')).toMatchObject({ type: 'file', uid: OWNER, gid: OWNER, mode: 0o644 });
  expect(text(entries.get('binds/1'))).toBe('new');
  expect(entries.get('rootfs/etc/conf')).toMatchObject({ type: 'directory' });
  expect(await mountOf('/etc/conf')).toMatchObject({ source: '/containers/web/binds/0', options: expect.arrayContaining(['ro']) as unknown });
  expect(await mountOf('/etc/conf')).not.toMatchObject({ options: expect.arrayContaining(['idmap']) as unknown });
  expect(text(entries.get('service'))).not.toContain('binds');
});

it('what a container writes to is mounted from the data disk, which the OS seeds from the image', async () => {
  const kept = { kept: "os-images/demo/it's" };
  expect(await build([bind('./conf', '/conf', { ...kept, subpath: 'a' }, {})], ['./conf'], { user: '5:6' }), workspace.written).toBe(true);
  const place = 'binds/os-images%2Fdemo%2Fit';
  expect(await mountOf('/conf')).toMatchObject({
    source: `/var/lib/container-os/${place}'s/a`,
    options: expect.arrayContaining(['idmap']) as unknown,
  });
  expect(text((await layer()).get('service'))).toContain(`binds=disk\nprepare_binds() {\n  copy '/containers/web/binds/0' '${place}'\\''s' '5:6'\n}\n`);
});

it('a path of the data disk is made by the first who needs it, a path of the OS is told', async () => {
  const volumes = [
    { type: 'bind', source: '/srv/my media', target: '/media' },
    { type: 'bind', source: '/run/udev', target: '/run/udev', read_only: true },
    { type: 'bind', source: '/etc/localtime', target: '/etc/localtime' },
  ];
  expect(await build(volumes, [], { user: '7' }), workspace.written).toBe(true);
  expect(await mountOf('/media')).toMatchObject({ source: '/var/lib/container-os/data/srv/my media' });
  expect(await mountOf('/etc/localtime')).toMatchObject({ source: '/etc/localtime', options: expect.arrayContaining(['ro']) as unknown });
  expect(text((await layer()).get('service'))).toContain(
    "binds=disk\nprepare_binds() {\n  directory 'data/srv/my media' '7:7'\n  of_os '/run/udev'\n  of_os '/etc/localtime'\n}\n",
  );
  expect(workspace.written).toContain('/run/udev');
});

it('a path that is not there is an empty directory, and told; one that has to be there is refused', async () => {
  expect(await build([bind('./none', '/none')], ['./none']), workspace.written).toBe(true);
  expect((await layer()).get('binds/0')).toMatchObject({ type: 'directory' });
  expect(workspace.written).toContain('./none is not there: /none is an empty directory');
  expect(await build([bind('./none', '/none', { required: true })], ['./none'])).toBe(false);
  expect(workspace.written).toContain('BIND_MISSING: demo:bundle-web: volumes: /none: ./none is not there');
});

it('a directory cannot be mounted on a file, nor a file on a directory', async () => {
  expect(await build([bind('./none', '/etc/app.conf')], ['./none'])).toBe(false);
  expect(workspace.written).toContain('expected a directory of its rootfs, got "/etc/app.conf, a file"');
  expect(await build([bind('./app.conf', '/etc')], ['./app.conf'])).toBe(false);
  expect(workspace.written).toContain('expected a file of its rootfs, got "/etc, a directory"');
});

it('a copy that nobody writes to has the places of what is mounted in it', async () => {
  const inner = [bind('./app.conf', '/conf/x/app.conf'), { type: 'volume', source: 'v', target: '/conf/v' }];
  expect(await build([bind('./conf', '/conf'), ...inner], ['./conf', './app.conf']), workspace.written).toBe(true);
  const entries = await layer();
  expect([entries.get('binds/0/x/app.conf')?.type, entries.get('binds/0/v')?.type]).toEqual(['file', 'directory']);
});

it('the hash has the mode of a single file', async () => {
  const place = { workspaceRoot: workspace.root, root: 'os-images/demo' };
  expect(readValues({ binds: ['./app.conf', './none', './conf'] }, place)).toEqual({});
  await chmod(join(workspace.root, 'os-images/demo/app.conf'), 0o755);
  expect(readValues({ binds: ['./app.conf'] }, place)).toEqual({ 'executable=': '["./app.conf"]' });
});

it('cosctl copies nothing of a workspace', async () => {
  const { parseDefinition } = await import('../src/definition.ts');
  const volumes = [bind('./conf', '/conf')];
  expect(() => parseDefinition('container.json', JSON.stringify({ rootfs: ['a'], command: ['/a'], volumes }))).toThrow('only the build of an image copies');
});
