import { describe, expect, it } from 'vitest';
import { parseDefinition, type Definition } from '../src/definition.ts';
import { ociConfig } from '../src/oci-config.ts';
import { mountPoints } from '../src/rootfs.ts';
import { newVolumes, volumeMounts, writableLayer } from '../src/storage.ts';
import { PROFILE } from './profile.ts';

const define = (keys: Partial<Definition>): Definition => parseDefinition('web.json', JSON.stringify({ rootfs: ['busybox'], command: ['httpd'], ...keys }));

describe('a volume', () => {
  it("is a directory of the data disk with the container's ids, for data only", () => {
    expect(volumeMounts(define({ volumes: ['shop:/data'] }))).toEqual([
      { destination: '/data', type: 'bind', source: '/var/lib/container-os/volumes/shop', options: ['bind', 'rprivate', 'nosuid', 'nodev', 'noexec', 'idmap'] },
    ]);
  });

  it('can be read only, and have programs', () => {
    expect(volumeMounts(define({ volumes: ['shop:/data:ro,exec'] }))[0]?.options).toEqual(['bind', 'rprivate', 'nosuid', 'nodev', 'ro', 'idmap']);
  });

  it('that is a path of the OS keeps its owners', () => {
    expect(volumeMounts(define({ volumes: ['/etc/os-release:/os:ro'] }))[0]).toMatchObject({
      source: '/etc/os-release',
      options: ['bind', 'rprivate', 'nosuid', 'nodev', 'noexec', 'ro'],
    });
  });

  it('needs no mapping where the ids are those of the OS', () => {
    expect(volumeMounts(define({ volumes: ['shop:/data'], userns_mode: 'host' }))[0]?.options).not.toContain('idmap');
  });

  it('has a directory to be mounted on, below /etc too', () => {
    const config = ociConfig('web', define({ volumes: ['shop:/etc/shop'] }), PROFILE);
    expect(mountPoints([], config)).toContainEqual(expect.objectContaining({ path: 'etc/shop', type: 'directory' }));
  });

  it('that is new belongs to the user who writes to it', () => {
    expect(newVolumes(define({ user: '1000:100', volumes: ['shop:/data', 'logs:/logs:ro', '/etc:/os'] }))).toEqual(['shop:1000:100', 'logs']);
  });
});

it('a root is read-only by default; otherwise writes go to half of the memory, or to the disk', () => {
  expect(ociConfig('web', define({}), PROFILE).root).toEqual({ path: 'rootfs', readonly: true });
  expect(ociConfig('web', define({ read_only: false }), PROFILE).root).toEqual({ path: 'rootfs', readonly: false });
  const layers: Partial<Definition>[] = [{}, { read_only: false, mem_limit: '32m' }, { read_only: false, 'x-writable-layer': 'disk' }];
  expect(layers.map((keys) => writableLayer(define(keys)))).toEqual(['', 'memory:16777216', 'disk']);
});

it.each<[Partial<Definition>, string]>([
  [{ volumes: ['/data'] }, '/volumes/0: expected to match pattern'],
  [{ volumes: ['Shop:/data'] }, '/volumes/0: expected to match pattern'],
  [{ volumes: ['shop:data'] }, '/volumes/0: expected to match pattern'],
  [{ volumes: ['shop:/data:z'] }, '/volumes/0: expected to match pattern'],
  [{ volumes: ['../etc:/data'] }, '/volumes/0: expected to match pattern'],
  [{ volumes: ['shop:/data/../etc'] }, '/volumes/0: expected paths without ".", ".."'],
  [{ volumes: ['/etc/:/data'] }, '/volumes/0: expected paths without ".", ".."'],
  [{ volumes: ['shop:/'] }, '/volumes/0: expected paths without ".", ".."'],
  [{ volumes: ['shop:/proc/x'] }, '/volumes/0: expected a path outside /proc, /sys and /dev'],
  [{ volumes: ['shop:/tmp'] }, '/volumes/0: expected an unused mount point; /tmp is already mounted'],
  [{ volumes: ['shop:/data'], tmpfs: ['/data:size=1m'] }, '/volumes/0: expected an unused mount point; /data is already mounted'],
  [{ volumes: ['shop:/data', 'logs:/data'] }, '/volumes/1: expected an unused mount point; /data is already mounted'],
  [{ volumes: ['shop:/data:ro,rw'] }, '/volumes/0: expected "ro" or "rw", not both'],
  [{ 'x-writable-layer': 'disk' }, '/x-writable-layer: expected "read_only": false together with it, got "disk"'],
])('%j is refused', (keys, message) => {
  expect(() => define(keys)).toThrow(
    expect.objectContaining({ code: 'CONTAINER_DEFINITION_INVALID', message: expect.stringContaining(`web.json: ${message}`) }),
  );
});
