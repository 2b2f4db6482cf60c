import { describe, expect, it } from 'vitest';
import { inferred, shop } from './shop.ts';

const one = (volumes: string): string => `services: { a: { image: i, volumes: [${volumes}] } }\nx-os: {}\n`;
/** A container of an OCI image has a disk in any case. */
const ofLayers = (volumes: string): string => one(volumes).replace('image: i', 'image: i, x-os: { rootfs: [busybox] }, command: [a]');
const volumesOf = (compose: string, service = 'a'): unknown =>
  (shop(compose)[`bundle-${service}`]!.options as { service: { volumes: unknown } }).service.volumes;

describe('a path of the workspace', () => {
  it('is copied into the image, and kept on the data disk where the container writes to it', () => {
    const targets = shop(
      one('"./conf:/etc/app:ro,z", "../common/nginx.conf:/etc/nginx.conf", { type: bind, source: ./data, target: /data, bind: { create_host_path: false } }'),
    );
    expect(targets['bundle-a']!.options).toMatchObject({
      binds: ['./conf', '../common/nginx.conf', './data'],
      service: {
        volumes: [
          { type: 'bind', source: './conf', target: '/etc/app', read_only: true, 'x-workspace': {} },
          { type: 'bind', source: '../common/nginx.conf', target: '/etc/nginx.conf', 'x-workspace': { kept: 'os-images/common/nginx.conf' } },
          { type: 'bind', source: './data', target: '/data', 'x-workspace': { kept: 'os-images/shop/data', required: true } },
        ],
      },
    });
    expect(targets['bundle-a']!.inputs).toEqual(
      expect.arrayContaining(['{projectRoot}/conf', '{projectRoot}/conf/**/*', '{workspaceRoot}/os-images/common/nginx.conf']),
    );
    expect(targets['system']!.options).toMatchObject({ dataDisk: 'create' });
  });

  it('needs no data disk when nobody writes to it', () => {
    expect(shop(ofLayers('"./conf:/etc/app:ro"'))['run']!.options ?? {}).not.toHaveProperty('disk');
  });

  it('is one copy for all services, if one of them writes to it or to what is around it', () => {
    const compose = `services:
  a: { image: i, volumes: ["./app:/app"] }
  b: { image: i, volumes: ["./app/conf:/conf:ro"] }
  c: { image: i, volumes: ["./app-2:/app:ro"] }
x-os: {}
`;
    expect(volumesOf(compose, 'b')).toEqual([
      { type: 'bind', source: './app', target: '/conf', read_only: true, 'x-workspace': { kept: 'os-images/shop/app', subpath: 'conf' } },
    ]);
    expect(shop(compose)['bundle-b']!.options).toMatchObject({ binds: ['./app'] });
    expect(volumesOf(compose, 'c')).toEqual([{ type: 'bind', source: './app-2', target: '/app', read_only: true, 'x-workspace': {} }]);
  });
});

it('another absolute path is a directory of the data disk, which the image then has', () => {
  const compose = one('"/srv/media:/media", "~/x:/x:ro"');
  expect(volumesOf(compose)).toEqual([
    { type: 'bind', source: '/srv/media', target: '/media' },
    { type: 'bind', source: '/root/x', target: '/x', read_only: true },
  ]);
  expect(shop(compose)['run']!.options).toMatchObject({ disk: 1024 });
});

it('/etc/localtime and /etc/timezone are given; another path of the OS is an opt-out that the build tells', () => {
  const given = ofLayers('"/etc/localtime:/etc/localtime:ro", "/etc/timezone:/etc/timezone"');
  expect(inferred(given).warnings).toEqual([]);
  expect(shop(given)['run']!.options ?? {}).not.toHaveProperty('disk');
  expect(inferred(one('"/proc:/host/proc:ro"')).warnings).toEqual([
    expect.stringMatching(/^os-images\/shop\/compose.yaml:1:\d+: services.a.volumes\[0\] is an opt-out/),
  ]);
});

it.each([
  ['/var/run/docker.sock:/var/run/docker.sock', /compose.yaml:1:\d+: services.a.volumes\[0\] cannot be done: The OS has no container engine/],
  ['../../../x:/x', /compose.yaml:1:\d+: services.a.volumes: \/x: the path is outside of the workspace/],
  ['../..:/x', /compose.yaml:1:\d+: services.a.volumes: \/x: this is the whole workspace/],
  ['C:\\x:/x', /compose.yaml:1:\d+: services.a.volumes: \/x: C:\\x is a path of Windows/],
])('refuses %s with its place', (volume, fault) => {
  expect(() => shop(one(`'${volume}'`))).toThrow(fault);
});
