import { describe, expect, it } from 'vitest';
import { inferred, shop } from './shop.ts';

const service = (text: string, name = 'a'): Record<string, unknown> => shop(`${text}x-os: {}\n`)[`bundle-${name}`]!.options.service as Record<string, unknown>;

describe('the name of a volume on the data disk', () => {
  it.each([
    ['of the project and its key', '', 'shop_data'],
    ['what the file says', ' name: other', 'other'],
    ['its key where it is external', ' external: true', 'data'],
  ])('is %s', (_, keys, source) => {
    expect(service(`services: { a: { image: i, volumes: ["data:/d"] } }\nvolumes: { data: {${keys} } }\n`)).toMatchObject({
      volumes: [{ type: 'volume', source }],
    });
  });
});

it('a volume has the options of its mount; one without a name has no source', () => {
  const volumes = '["/own", "data:/d:ro,nocopy", { type: volume, source: data, target: /s, volume: { subpath: a/b } }]';
  expect(service(`services: { a: { image: i, volumes: ${volumes} } }\nvolumes: { data: }\n`)['volumes']).toEqual([
    { type: 'volume', target: '/own' },
    { type: 'volume', source: 'shop_data', target: '/d', read_only: true, volume: { nocopy: true } },
    { type: 'volume', source: 'shop_data', target: '/s', volume: { subpath: 'a/b' } },
  ]);
});

describe('the options of a volume', () => {
  const file = (options: string, more = ''): string =>
    `services:\n  a: { image: i, volumes: ["data:/d"] }\n${more}volumes:\n  data:\n    driver: local\n    driver_opts: ${options}\n`;

  it('make it a bind', () => {
    expect(service(file('{ type: none, o: "bind,ro", device: /srv/data }'))['volumes']).toEqual([
      { type: 'bind', source: '/srv/data', target: '/d', read_only: true },
    ]);
  });

  it('make it a directory in memory', () => {
    expect(service(file('{ type: tmpfs, device: tmpfs, o: "size=1m,uid=5" }'))).toMatchObject({ tmpfs: ['/d:exec,size=1m,uid=5'] });
    expect(service(file('{ type: tmpfs, device: tmpfs }'))).not.toHaveProperty('volumes');
  });

  it('are refused with the place for what is on a network, and memory that two services would share', () => {
    expect(() => service(file('{ type: nfs, o: addr=10.0.0.1, device: ":/x" }'))).toThrow(
      /VOLUME_UNSUPPORTED: os-images\/shop\/compose\.yaml:6:\d+: volumes\.data\.driver_opts: the OS mounts no volume of type nfs/,
    );
    expect(() => service(file('{ type: tmpfs, device: tmpfs }', '  b: { image: i, volumes: ["data:/e"] }\n'))).toThrow(
      'services cannot share a volume in memory',
    );
    expect(() => service('services: { a: { image: i, volumes: ["data:/d"] } }\nvolumes: { data: { driver: rexray } }\n')).toThrow(
      'volumes.data.driver: the OS has no driver rexray',
    );
  });
});

it('a service takes over the mounts that another one lists, also those that this one has taken over, but where it has its own', () => {
  const services = [
    'a: { image: i, volumes_from: ["b:ro"], volumes: ["data:/mine"] }',
    'b: { image: i, container_name: bb, volumes_from: [c], volumes: ["/own", "data:/mine"], tmpfs: [/t] }',
    'c: { image: i, volumes: ["more:/more"] }',
  ];
  expect(service(`services:\n  ${services.join('\n  ')}\nvolumes: { data: , more: }\n`)['volumes']).toEqual([
    { type: 'volume', source: 'shop_more', target: '/more', read_only: true },
    { type: 'volume', target: '/own', read_only: true, volume: { container: 'bb' } },
    { type: 'volume', source: 'shop_data', target: '/mine' },
  ]);
});

it('a container outside of the file has no mounts to take over', () => {
  expect(() => service('services: { a: { image: i, volumes_from: ["container:x"] } }\n')).toThrow('services.a.volumes_from: there is no container "x"');
});

it('warns that further volumes of an image are not taken over', () => {
  const compose = 'services:\n  a: { image: i, volumes_from: [b] }\n  b: { image: i, volumes: ["/own"] }\nx-os: {}\n';
  expect(inferred(compose).warnings).toEqual([expect.stringMatching(/^os-images\/shop\/compose.yaml:2:\d+: services.a.volumes_from: of b, what it lists/)]);
  expect(inferred(compose.replace('b: { image: i,', 'b: { image: i, x-os: { rootfs: [busybox] }, command: [a],')).warnings).toEqual([]);
});
