import { describe, expect, it } from 'vitest';
import { parseDefinition, type Definition } from '../src/definition.ts';
import { ociConfig } from '../src/oci-config.ts';
import { mountPoints } from '../src/rootfs.ts';
import { volumeLines, volumeMounts, writableLayer } from '../src/storage.ts';
import { PROFILE } from './profile.ts';

const define = (keys: Partial<Definition>): Definition => parseDefinition('web.json', JSON.stringify({ rootfs: ['busybox'], command: ['httpd'], ...keys }));

describe('a volume', () => {
  it("is a directory of the data disk with the container's ids", () => {
    expect(volumeMounts('web', define({ volumes: ['shop:/data'] }))).toEqual([
      { destination: '/data', type: 'bind', source: '/var/lib/container-os/volumes/shop', options: ['bind', 'rprivate', 'nosuid', 'nodev', 'idmap'] },
    ]);
  });

  it('has no programs in a hardened container', () => {
    expect(volumeMounts('web', define({ 'x-profile': 'hardened', volumes: ['shop:/data'] }))).toEqual([
      { destination: '/data', type: 'bind', source: '/var/lib/container-os/volumes/shop', options: ['bind', 'rprivate', 'nosuid', 'nodev', 'noexec', 'idmap'] },
    ]);
  });

  it('can be read only, and have programs', () => {
    expect(volumeMounts('web', define({ 'x-profile': 'hardened', volumes: ['shop:/data:ro,exec'] }))[0]?.options).toEqual([
      'bind',
      'rprivate',
      'nosuid',
      'nodev',
      'ro',
      'idmap',
    ]);
  });

  it('that is a path of the OS keeps its owners', () => {
    expect(volumeMounts('web', define({ volumes: ['/etc/os-release:/os:ro'] }))[0]).toMatchObject({
      source: '/etc/os-release',
      options: ['rbind', 'rprivate', 'nosuid', 'nodev', 'ro'],
    });
  });

  it('that is /dev, /sys or /proc of the OS takes the place of what every container has there', () => {
    const mountsOf = (...volumes: string[]): unknown[] =>
      (ociConfig('web', define({ volumes }), PROFILE).mounts ?? []).flatMap(({ destination, type, options }) =>
        /^\/(dev|sys|proc)(\/fs\/cgroup)?$/.test(destination) ? [[destination, type, options?.join()]] : [],
      );
    const [proc, dev, sys, cgroup] = mountsOf();
    expect(mountsOf('/dev:/dev')).toEqual([proc, ['/dev', 'none', 'rbind,nosuid,noexec'], sys, cgroup]);
    expect(mountsOf('/sys:/sys:ro')).toEqual([proc, dev, ['/sys', 'none', 'rbind,nosuid,noexec,nodev,ro']]);
    expect(mountsOf('/proc:/proc')).toEqual([['/proc', 'none', 'rbind,nosuid,noexec,nodev'], dev, sys, cgroup]);
    for (const other of ['/srv:/dev', 'data:/sys', '/proc:/proc/1']) expect(() => define({ volumes: [other] })).toThrow('another path than /proc');
  });

  it('needs no mapping where the ids are those of the OS', () => {
    expect(volumeMounts('web', define({ volumes: ['shop:/data'], userns_mode: 'host' }))[0]?.options).not.toContain('idmap');
  });

  it('has a directory to be mounted on, below /etc too', () => {
    const config = ociConfig('web', define({ volumes: ['shop:/etc/shop'] }), PROFILE);
    expect(mountPoints([], config)).toContainEqual(expect.objectContaining({ path: 'etc/shop', type: 'directory' }));
  });

  it('may be said in the long form of Compose', () => {
    const both = (short: string, long: object): void =>
      expect(volumeMounts('web', define({ volumes: [long as never] }))).toEqual(volumeMounts('web', define({ volumes: [short] })));
    both('shop:/data', { type: 'volume', source: 'shop', target: '/data' });
    both('shop:/data:ro', { type: 'volume', source: 'shop', target: '/data', read_only: true, volume: { nocopy: true } });
    both('/etc/os-release:/os', { type: 'bind', source: '/etc/os-release', target: '/os' });
  });

  it("without a name is its container's alone, and another for each place", () => {
    const sources = (container: string): unknown[] =>
      volumeMounts(
        container,
        define({
          volumes: [
            { type: 'volume', target: '/a/data' },
            { type: 'volume', target: '/b/data' },
          ],
        }),
      ).map(({ source }) => source);
    expect(sources('web')).toEqual(['/var/lib/container-os/anonymous/web/7f444026-data', '/var/lib/container-os/anonymous/web/9dcdbff1-data']);
    expect(sources('db')[0]).toBe('/var/lib/container-os/anonymous/db/7f444026-data');
  });

  it('in memory has its size and mode', () => {
    expect(volumeMounts('web', define({ volumes: [{ type: 'tmpfs', target: '/cache', tmpfs: { size: 1024, mode: 0o700 } }] }))).toEqual([
      { destination: '/cache', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'nodev', 'noexec', 'size=1024', 'mode=0700'] },
    ]);
  });

  it('of which a directory is mounted comes from where the supervisor has mounted it', () => {
    const definition = define({ volumes: ['shop:/a', { type: 'volume', source: 'shop', target: '/b', volume: { subpath: 'x/y' } }] });
    expect(volumeMounts('web', definition)[1]?.source).toBe('/run/container-os/containers/web/subpaths/0');
    expect(volumeLines('web', definition).at(-1)).toContain("volume 'volumes/shop' '/b' '0:0' 'copy' 'x/y'");
  });

  it('is prepared by the supervisor, in the order of the definition; in a root of layers a new one belongs to the user who writes to it', () => {
    const volumes: Definition['volumes'] = ['shop:/data', 'logs:/logs:ro', '/etc:/os', { type: 'volume', target: "/o'x", volume: { nocopy: true } }];
    expect(volumeLines('web', define({ user: '1000:100', volumes }))).toEqual([
      "volumes='volumes/shop volumes/logs anonymous/web/212095dc-o_x'",
      "ids='2079850496 65536'",
      "prepare_volumes() { volume 'volumes/shop' '/data' '1000:100' 'copy' ''; volume 'volumes/logs' '/logs' '' 'copy' ''; volume 'anonymous/web/212095dc-o_x' '/o'\\''x' '1000:100' 'nocopy' ''; }",
    ]);
    const image = { name: 'i', digest: 'sha256:0' };
    expect(volumeLines('web', define({ rootfs: undefined as never, image, user: '1000:100', volumes: ['shop:/data'], userns_mode: 'host' }))).toEqual([
      "volumes='volumes/shop'",
      "ids='0 65536'",
      "prepare_volumes() { volume 'volumes/shop' '/data' '' 'copy' ''; }",
    ]);
  });

  it('is mounted after those above it', () => {
    const { mounts = [] } = ociConfig('web', define({ volumes: ['in:/app/modules', 'app:/app', 'etc:/etc'], tmpfs: ['/app/modules/cache'] }), PROFILE);
    const places = mounts.map(({ destination }) => destination);
    expect(places.slice(places.indexOf('/app'))).toEqual([
      '/app',
      '/etc',
      '/etc/hosts',
      '/etc/hostname',
      '/etc/resolv.conf',
      '/app/modules',
      '/app/modules/cache',
    ]);
  });
});

it.each<[Partial<Definition>, string]>([
  [{}, 'auto'],
  [{ mem_limit: '32m' }, 'auto'],
  [{ 'x-writable-layer': 'memory' }, 'memory'],
  [{ read_only: true }, ''],
  [{ 'x-writable-layer': 'disk' }, 'disk'],
  [{ 'x-profile': 'hardened' }, ''],
  [{ 'x-profile': 'hardened', read_only: false }, 'memory:134217728'],
  [{ 'x-profile': 'hardened', read_only: false, mem_limit: '32m' }, 'memory:16777216'],
  [{ 'x-profile': 'hardened', read_only: false, 'x-writable-layer': 'disk' }, 'disk'],
])('writes to the root of %j go to "%s"', (keys, layer) => {
  expect(writableLayer(define(keys))).toBe(layer);
});

it('a volume may be mounted on /run and /tmp, which are directories of the root', () => {
  expect(volumeMounts('web', define({ volumes: ['run:/run', 'tmp:/tmp'] })).map(({ destination }) => destination)).toEqual(['/run', '/tmp']);
});

it.each<[Partial<Definition>, string]>([
  [{ volumes: ['/data'] }, '/volumes/0: expected to match pattern'],
  [{ volumes: ['-shop:/data'] }, '/volumes/0: expected to match pattern'],
  [{ volumes: ['shop:data'] }, '/volumes/0: expected to match pattern'],
  [{ volumes: ['shop:/data:z'] }, '/volumes/0: expected to match pattern'],
  [{ volumes: ['../etc:/data'] }, '/volumes/0: expected to match pattern'],
  [{ volumes: ['shop:/data/../etc'] }, '/volumes/0: expected paths without ".", ".."'],
  [{ volumes: ['/etc/:/data'] }, '/volumes/0: expected paths without ".", ".."'],
  [{ volumes: ['shop:/'] }, '/volumes/0: expected paths without ".", ".."'],
  [{ volumes: ['shop:/proc/x'] }, '/volumes/0: expected another path than /proc, /sys and /dev'],
  [{ volumes: ['shop:/etc/hostname'] }, '/volumes/0: expected an unused mount point; /etc/hostname is already mounted'],
  [{ 'x-profile': 'hardened', volumes: ['shop:/tmp'] }, '/volumes/0: expected an unused mount point; /tmp is already mounted'],
  [{ volumes: ['shop:/data'], tmpfs: ['/data:size=1m'] }, '/volumes/0: expected an unused mount point; /data is already mounted'],
  [{ volumes: ['shop:/data', 'logs:/data'] }, '/volumes/1: expected an unused mount point; /data is already mounted'],
  [{ volumes: ['shop:/data:ro,rw'] }, '/volumes/0: expected "ro" or "rw", not both'],
  [{ volumes: [{ type: 'volume', source: '/etc', target: '/data' }] }, '/volumes/0: expected a name as the source of a volume, or none'],
  [{ volumes: [{ type: 'bind', source: 'shop', target: '/data' }] }, '/volumes/0: expected an absolute path as the source of a bind'],
  [{ volumes: [{ type: 'tmpfs', source: 'shop', target: '/data' }] }, '/volumes/0: expected no source of a tmpfs'],
  [{ volumes: [{ type: 'tmpfs', target: '/data', volume: {} }] }, '/volumes/0: expected no "volume" with the type tmpfs'],
  [{ volumes: [{ type: 'volume', source: 'shop', target: '/data', volume: { subpath: 'a/../..' } }] }, '/volumes/0: expected a subpath without'],
  [{ volumes: [{ type: 'volume', target: '/data', size: 1 } as never] }, '/volumes/0/size: expected one of the keys type, source'],
  [{ 'x-profile': 'hardened', 'x-writable-layer': 'disk' }, '/x-writable-layer: expected "read_only": false together with it, got "disk"'],
  [{ 'x-profile': 'lax' as never }, '/x-profile: expected one of docker, hardened, got "lax"'],
])('%j is refused', (keys, message) => {
  expect(() => define(keys)).toThrow(
    expect.objectContaining({ code: 'CONTAINER_DEFINITION_INVALID', message: expect.stringContaining(`web.json: ${message}`) }),
  );
});
