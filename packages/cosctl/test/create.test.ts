import { readdirSync, readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { firstId } from '@container-os/oci-bundle';
import { useOs, type Result } from './os.ts';

const os = useOs();
const LIBRARY = '/usr/lib/container-os';
const DEFINITION = { rootfs: ['busybox', './rootfs'], command: ['httpd', '-f'], mem_limit: '32m', stop_grace_period: '3s' };

beforeEach(() => {
  os.write('usr/share/container-os/seccomp-profile.json', '{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["read"],"action":"SCMP_ACT_ALLOW"}]}');
  os.container('web', {}, DEFINITION, { root: { path: 'rootfs' }, linux: { uidMappings: [{ containerID: 0, hostID: 131072, size: 65536 }] } });
});

/** The OS's programs do what they are for: here, a supervisor appears and the container starts. */
const create = (...args: string[]): Result =>
  os.run(['create', ...args], {
    execute([program = '', name = '']) {
      if (program.endsWith('/add-service')) {
        os.set(name, 'status', 'created');
        os.write(`run/service/${name}/supervise/ok`, '');
      }
      return 0;
    },
  });
const made = (file: string): unknown => JSON.parse(readFileSync(os.path(`run/container-os/bundles/two/${file}`), 'utf8'));

describe('create', () => {
  it('creates a container from the definition of another, with ids of its own', () => {
    expect(create('--from', 'web', 'two')).toMatchObject({
      code: 0,
      err: '',
      ran: [
        [
          `${LIBRARY}/mount-rootfs`,
          '/run/container-os/containers/web/bundle/rootfs',
          '/run/container-os/bundles/two',
          '131072',
          String(firstId('two')),
          '65536',
        ],
        [`${LIBRARY}/add-service`, 'two', '/run/container-os/bundles/two', 'down'],
      ],
    });
    expect(made('definition.json')).toEqual({ ...DEFINITION, container_name: 'two', rootfs: ['web'] });
    expect(made('config.json')).toMatchObject({
      hostname: 'two',
      root: { path: 'rootfs' },
      process: { args: ['httpd', '-f'] },
      linux: {
        cgroupsPath: '/containers/two',
        uidMappings: [{ hostID: firstId('two') }],
        seccomp: { syscalls: [{ names: ['read'] }] },
        resources: { memory: { limit: 2 ** 25 } },
      },
    });
    expect(readFileSync(os.path('run/container-os/bundles/two/service'), 'utf8')).toContain('grace_ms=3000\n');
  });

  it('copies labels, but not those by which the copy would be a container of the service, nor the ids', () => {
    const labels = { 'com.docker.compose.service': 'web', tier: 'front' };
    os.container('web', {}, { ...DEFINITION, labels, 'x-first-id': 65_536 });
    expect(create('--from', 'web', 'two').code).toBe(0);
    expect(made('definition.json')).toEqual({ ...DEFINITION, container_name: 'two', rootfs: ['web'], labels: { tier: 'front' } });
  });

  it('gives a container other ids where its name comes to those of another', () => {
    os.container('web', {}, DEFINITION, { root: { path: 'rootfs' }, linux: { uidMappings: [{ containerID: 0, hostID: firstId('two'), size: 65536 }] } });
    expect(create('--from', 'web', 'two').code).toBe(0);
    expect(made('config.json')).toMatchObject({ linux: { uidMappings: [{ hostID: firstId('two') + 65_536 }] } });
    expect(made('definition.json')).toMatchObject({ 'x-first-id': firstId('two') + 65_536 });
  });

  it('creates a container from a definition with the root file system next to it', () => {
    os.write('srv/two/container.json', JSON.stringify({ rootfs: ['./root'], command: ['a'], userns_mode: 'host' }));
    os.write('srv/two/root/a', '');
    expect(create('two', '/srv/two').ran[0]).toEqual([`${LIBRARY}/mount-rootfs`, '/srv/two/root', '/run/container-os/bundles/two', '0', '0', '65536']);
  });

  it('copies a copy from the original source: a mapped mount is not mapped again', () => {
    create('--from', 'web', 'two');
    expect(made('source.json')).toEqual({ rootfs: '/run/container-os/containers/web/bundle/rootfs', owner: 131072 });
  });

  it('keeps the configuration of an OCI bundle, except for what this OS cannot run', () => {
    os.write(
      'srv/b/config.json',
      JSON.stringify({ ociVersion: '1.0.2', process: { terminal: true, args: ['sh'], cwd: '/' }, root: { path: 'fs' }, linux: { namespaces: [] } }),
    );
    os.write('srv/b/fs/bin/sh', '');
    expect(create('two', '/srv/b')).toMatchObject({ code: 0, err: '' });
    expect(made('config.json')).toEqual({
      ociVersion: '1.0.2',
      process: { terminal: false, args: ['sh'], cwd: '/' },
      root: { path: 'rootfs' },
      linux: { namespaces: [], cgroupsPath: '/containers/two' },
    });
    expect(readdirSync(os.path('run/container-os/bundles/two'))).not.toContain('definition.json');
  });

  it('brings a deleted container of the image back', () => {
    os.write('containers/gone/config.json', '{}');
    expect(create('gone').ran).toEqual([[`${LIBRARY}/add-service`, 'gone', '/containers/gone', 'down']]);
  });

  it('prints the new container as JSON', () => {
    expect(JSON.parse(create('--json', '--from', 'web', 'two').out)).toMatchObject({ name: 'two', status: 'created' });
  });

  it('leaves nothing when the root file system cannot be mounted', () => {
    const { code, err, ran } = os.run(['create', '--from', 'web', 'two'], { execute: () => 1 });
    expect({ code, err }).toEqual({
      code: 1,
      err: 'cosctl: two was not created: its root file system /run/container-os/containers/web/bundle/rootfs cannot be mounted\n',
    });
    expect(ran[1]).toEqual([`${LIBRARY}/remove-service`, 'two']);
  });
});

describe('create refuses', () => {
  beforeEach(() => {
    os.write('srv/none/a', '');
    os.write('srv/bad/container.json', '{"rootfs":["web"],"command":["a"],"priviledged":true}');
    os.write('srv/parts/container.json', '{"rootfs":["web","./b"],"command":["a"]}');
    os.write('srv/lost/container.json', '{"rootfs":["./lost"],"command":["a"]}');
    os.write('srv/other/container.json', '{"rootfs":["busybox"],"command":["a"]}');
  });

  it.each([
    [['web', '--from', 'job'], 1, 'web exists already; to replace it, first run cosctl delete web'],
    [['Web x', '--from', 'web'], 1, 'container name "Web x": expected letters, digits'],
    [['two', '/srv', '--from', 'web'], 2, 'create: expected a directory or --from, got both'],
    [['two'], 2, 'create: expected a directory or --from: the image has no container two'],
    [['two', '--from', 'none'], 1, 'no such container: none (containers: job, web)'],
    [['two', '/nowhere'], 1, '/nowhere: no such directory'],
    [['two', '/srv/none'], 1, '/srv/none: expected either config.json (an OCI bundle) or container.json (a definition), found neither'],
    [['two', '/srv/bad'], 1, '/srv/bad/container.json: /priviledged: expected one of the keys'],
    [['two', '/srv/parts'], 1, 'rootfs: expected one part, got web, ./b'],
    [['two', '/srv/lost'], 1, 'rootfs: /srv/lost/./lost: no such directory'],
    [['two', '/srv/other'], 1, 'no such container: busybox'],
  ])('%j', (args, code, message) => {
    const result = create(...args);
    expect(result).toMatchObject({ code, out: '', ran: [] });
    expect(result.err).toContain(`cosctl: ${message}`);
  });
});
