import { readManifest } from '@container-os/core';
import { useWorkspace } from '@container-os/core/testing';
import { bytesOf, directoryEntry, fileEntry, symlinkEntry, type Entry } from '@container-os/cpio';
import { readLayer } from '@container-os/cpio/fs';
import { readRoot, writeImageReceipt, type ImageConfig, type RootEntry } from '@container-os/oci-image';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import bundle from '../src/executor.ts';
import { firstId } from '../src/id-range.ts';
import { elf } from './elf.ts';
import { writeLayout } from './oci-layout.ts';
import { installProfile } from './profile.ts';

const workspace = useWorkspace();
const { artifact } = workspace;
const ID = firstId('web');

const ROOT: RootEntry[] = [
  directoryEntry('bin'),
  {
    ...fileEntry('bin/app', elf(), 0o755),
    xattrs: { 'security.capability': Buffer.from('0100000200040000000000000000000000000000', 'hex').toString('base64') },
  },
  directoryEntry('etc'),
  fileEntry('etc/passwd', 'root:x:0:0::/root:/bin/sh\napp:x:101:102::/home/app:/bin/sh\n'),
  fileEntry('etc/group', 'app:x:102:\nlog:x:7:app\n'),
  { ...directoryEntry('home'), uid: 101, gid: 102 },
  symlinkEntry('srv', 'home'),
];
const CONFIG: ImageConfig = { Entrypoint: ['/bin/app'], Cmd: ['-f'], User: 'app', Env: ['PATH=/bin', 'KEY=hunter2'], Volumes: { '/data': {}, '/home': {} } };

beforeEach(() => installProfile(workspace));

async function build(service: object = {}, layers: RootEntry[][] = [ROOT], config = CONFIG, limits: object = {}): Promise<boolean> {
  const written = await writeLayout(join(workspace.root, 'images/app'), config, layers);
  await mkdir(artifact('oci-images'), { recursive: true });
  await writeImageReceipt(join(artifact('oci-images'), 'web.json'), {
    reference: 'shop/app:1.2',
    name: 'docker.io/shop/app:1.2',
    platform: 'linux/amd64',
    locked: true,
    origin: { layout: 'images/app' },
    ...written,
  });
  return workspace.run(bundle, 'bundle-web', { image: 'web', service, patches: [], ...limits } as Parameters<typeof bundle>[0], {
    dependsOn: ['seccomp-profile', 'oci-images'],
  });
}

const textOf = (entry: Entry | undefined): string => (entry?.type === 'file' ? Buffer.from(bytesOf(entry.data)).toString() : `${entry?.type}`);

async function layer(): Promise<Map<string, Entry>> {
  return new Map((await readLayer(join(artifact('bundle-web'), 'layer.cpio'))).map((entry) => [entry.path, entry]));
}

async function root(): Promise<RootEntry[]> {
  const entries: RootEntry[] = [];
  for await (const entry of (await readRoot(join(artifact('bundle-web'), 'root.ndjson'))).entries()) entries.push(entry);
  return entries;
}

describe('the bundle of an OCI image', () => {
  it('has what the image and the service say; the root is beside the layer', async () => {
    expect(await build({ ports: ['8080:80'], command: ['-v'] }), workspace.written).toBe(true);
    const entries = await layer();
    expect([...entries.keys()]).toEqual([
      'containers',
      'containers/web',
      'containers/web/config.json',
      'containers/web/definition.json',
      'containers/web/service',
    ]);
    const definition = JSON.parse(textOf(entries.get('containers/web/definition.json'))) as object;
    expect(definition).toEqual({
      image: { name: 'docker.io/shop/app:1.2', digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) },
      container_name: 'web',
      ports: ['8080:80'],
      command: ['/bin/app', '-v'],
      user: '101:102',
      group_add: ['102', '7'],
      environment: { PATH: '/bin', KEY: 'hunter2', HOME: '/home/app' },
      volumes: [
        { type: 'volume', target: '/data' },
        { type: 'volume', target: '/home' },
      ],
    });
    expect(JSON.parse(textOf(entries.get('containers/web/config.json')))).toMatchObject({
      process: {
        args: ['/bin/app', '-v'],
        user: { uid: 101, gid: 102, additionalGids: [102, 7] },
        env: expect.arrayContaining(['PATH=/bin', 'HOME=/home/app']),
      },
    });
  });

  it('has hooks, whose users the image knows', async () => {
    expect(await build({ post_start: [{ command: ['/bin/app'], user: 'root' }, { command: ['a'] }], pre_stop: [{ command: ['b'], user: 'app' }] })).toBe(true);
    const { post_start, pre_stop } = JSON.parse(textOf((await layer()).get('containers/web/definition.json'))) as Record<string, unknown>;
    expect(post_start).toEqual([{ command: ['/bin/app'], user: '0:0' }, { command: ['a'] }]);
    expect(pre_stop).toEqual([{ command: ['b'], user: '101:102' }]);
  });

  it('has the root with ids of the OS, and mount points that the image lacks, in order', async () => {
    await build({ working_dir: '/srv/app' });
    const entries = await root();
    expect(entries.map(({ path, type }) => (type === 'directory' ? `${path}/` : path).replace('containers/web/rootfs/', ''))).toEqual([
      '',
      'bin/',
      'bin/app',
      'data/',
      'dev/',
      'etc/',
      'etc/group',
      'etc/hostname',
      'etc/hosts',
      'etc/passwd',
      'etc/resolv.conf',
      'home/',
      'proc/',
      'srv',
      'sys/',
    ]);
    const owners = Object.fromEntries(entries.map(({ path, uid, gid }) => [path.replace('containers/web/rootfs', ''), [uid - ID, gid - ID]]));
    expect(owners).toMatchObject({ '': [0, 0], '/home': [101, 102], '/etc/hosts': [0, 0] });
    expect(entries.find(({ path }) => path.endsWith('bin/app'))?.xattrs).toHaveProperty('security.capability');
  });

  it('has a writable layer for this root, and another for other ids', async () => {
    const identity = async (service: object): Promise<string | undefined> => {
      await build(service);
      return /^root=([0-9a-f]{32})$/m.exec(textOf((await layer()).get('containers/web/service')))?.[1];
    };
    const first = await identity({});
    expect(first).toBeDefined();
    expect(await identity({ command: ['-v'] })).toBe(first);
    expect(await identity({ userns_mode: 'host' })).not.toBe(first);
    expect(await identity({ read_only: true })).toBeUndefined();
  });

  it('tells of volumes that the service does not name, and prints no value of the environment', async () => {
    await build({ volumes: ['shop:/data'], tmpfs: ['/x'] });
    expect(workspace.written).toContain('volumes of the image that the service does not name are on the data disk, and last as long as the container: /home');
    expect(workspace.written).not.toContain('/data');
    expect(workspace.written).not.toContain('hunter2');
  });

  it('names the image, its digest and where it is from among the sources', async () => {
    await build();
    const { sources, licence, details } = await readManifest(artifact('bundle-web'));
    expect(sources.at(-1)).toEqual({
      name: 'docker.io/shop/app',
      version: '1.2',
      origin: 'oci:images/app',
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(licence).toBe('NOASSERTION');
    expect(details).toEqual({ containers: ['web'] });
  });

  it('is the same at each build', async () => {
    const built = async (): Promise<unknown> => ((await build()) ? (await readManifest(artifact('bundle-web'))).outputs : undefined);
    const first = await built();
    expect(first).toBeDefined();
    expect(await built()).toEqual(first);
  });
});

describe('refuses', () => {
  it.each<[string, object, RootEntry[][], ImageConfig, string]>([
    ['an unknown user', { user: 'wwww' }, [ROOT], CONFIG, 'CONTAINER_USER_INVALID: demo:bundle-web: there is no user "wwww" in /etc/passwd'],
    [
      'an unknown user of a hook',
      { post_start: [{ command: ['a'], user: 'wwww' }] },
      [ROOT],
      CONFIG,
      'web: post_start: there is no user "wwww" in /etc/passwd',
    ],
    ['an image that does not say what runs', {}, [ROOT], {}, 'CONTAINER_COMMAND_MISSING: demo:bundle-web: neither the service nor the OCI image shop/app:1.2'],
    [
      'a program that the image has not',
      { command: ['/bin/other'], entrypoint: [] },
      [ROOT],
      CONFIG,
      'CONTAINER_COMMAND_MISSING: container "web" runs "/bin/other"',
    ],
    [
      'an owner that no container has',
      {},
      [ROOT, [{ ...fileEntry('etc/far', ''), uid: 70000 }]],
      CONFIG,
      'IMAGE_OWNER_OUT_OF_RANGE: "etc/far" belongs to 70000:0; a container has the ids 0 to 65535',
    ],
    ['a signal that is none', {}, [ROOT], { ...CONFIG, StopSignal: 'SIGNOPE' }, '/stop_signal: expected a signal of Linux'],
    ['a key that the OS does not know', { colour: 'red' }, [ROOT], CONFIG, 'CONTAINER_DEFINITION_INVALID: demo:bundle-web: /colour'],
  ])('%s', async (_, service, layers, config, message) => {
    expect(await build(service, layers, config)).toBe(false);
    expect(workspace.written).toContain(message);
  });

  it('more entries than are allowed', async () => {
    expect(await build({}, [ROOT], CONFIG, { maxEntries: 6 })).toBe(false);
    expect(workspace.written).toMatch(/IMAGE_TOO_LARGE: .*more than 6 entries/);
    expect(await build({}, [ROOT], CONFIG, { maxEntries: 7 })).toBe(true);
  });

  it('a layer that is larger than allowed, as soon as it is unpacked', async () => {
    expect(await build({}, [ROOT], CONFIG, { maxBytes: 1000 })).toBe(false);
    expect(workspace.written).toMatch(/LAYER_TOO_LARGE: .*more than the allowed 1000 bytes/);
  });

  it('neither root nor image', async () => {
    expect(await workspace.run(bundle, 'bundle-web', { service: {}, patches: [] } as Parameters<typeof bundle>[0])).toBe(false);
    expect(workspace.written).toContain('expected one of "rootfs", "image" and "build", got none');
  });
});
