import { readManifest, sha256File } from '@container-os/core';
import { resolveOptions, useWorkspace } from '@container-os/core/testing';
import { directoryEntry, fileEntry, symlinkEntry, type Entry } from '@container-os/cpio';
import { writeLayer } from '@container-os/cpio/fs';
import { execFileSync } from 'node:child_process';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import rootfs from '../src/executor.ts';
import type { RootfsOptions } from '../src/schema.d.ts';
import schema from '../src/schema.json' with { type: 'json' };

const INIT = fileEntry('sbin/init', '#!/bin/sh\n', 0o755);
const LAYERS: Record<string, Entry[]> = {
  system: [
    INIT,
    directoryEntry('etc'),
    fileEntry('etc/motd', 'hello\n'),
    directoryEntry('tmp', 0o1777),
    { ...directoryEntry('dev/null', 0o666), type: 'character', major: 1, minor: 3 },
  ],
  busybox: [
    fileEntry('bin/busybox', Buffer.alloc(300_000, 'busybox '), 0o4755),
    { ...fileEntry('bin/linked', '', 0o4755), hardLinkTo: 'bin/busybox' },
    symlinkEntry('bin/sh', 'busybox'),
    { ...fileEntry('containers/web/page with spaces, and ü', 'page'), uid: 1_899_298_816, gid: 1_873_281_024 },
  ],
};

const workspace = useWorkspace();

const { artifact } = workspace;

interface Setup {
  layers?: Record<string, Entry[]>;
  dependsOn?: string[];
}

async function build(options: Partial<RootfsOptions> = {}, { layers = LAYERS, dependsOn = Object.keys(layers) }: Setup = {}): Promise<boolean> {
  for (const [name, entries] of Object.entries(layers)) {
    await mkdir(artifact(name), { recursive: true });
    await writeLayer(join(artifact(name), 'layer.cpio'), entries);
  }
  await mkdir(artifact('kernel'), { recursive: true });
  return workspace.run(rootfs, 'rootfs', resolveOptions(schema, { layers: dependsOn, ...options }), { dependsOn });
}

const image = (): string => join(artifact('rootfs'), 'rootfs.squashfs');
const unsquashfs = (...args: string[]): string => execFileSync('unsquashfs', args, { encoding: 'utf8', env: { ...process.env, TZ: 'UTC', LC_ALL: 'C.UTF-8' } });

describe('the file system, as unsquashfs reads it', () => {
  it('has the owners, modes, devices, dates and names of the layers, and a root of its own', async () => {
    expect(await build()).toBe(true);
    const lines = unsquashfs('-lln', image())
      .trim()
      .split('\n')
      .map((line) => line.replace(/ {2,}/g, ' ').replace('squashfs-root', ''));
    expect(lines).toMatchInlineSnapshot(`
      [
        "drwxr-xr-x 0/0 89 2025-01-01 00:00 ",
        "drwxr-xr-x 0/0 54 2025-01-01 00:00 /bin",
        "-rwsr-xr-x 0/0 300000 2025-01-01 00:00 /bin/busybox",
        "-rwsr-xr-x 0/0 300000 2025-01-01 00:00 /bin/linked",
        "lrwxrwxrwx 0/0 7 2025-01-01 00:00 /bin/sh -> busybox",
        "drwxr-xr-x 0/0 26 2025-01-01 00:00 /containers",
        "drwxr-xr-x 0/0 47 2025-01-01 00:00 /containers/web",
        "-rw-r--r-- 1899298816/1873281024 4 2025-01-01 00:00 /containers/web/page with spaces, and ü",
        "drwxr-xr-x 0/0 27 2025-01-01 00:00 /dev",
        "crw-rw-rw- 0/0 1, 3 2025-01-01 00:00 /dev/null",
        "drwxr-xr-x 0/0 27 2025-01-01 00:00 /etc",
        "-rw-r--r-- 0/0 6 2025-01-01 00:00 /etc/motd",
        "drwxr-xr-x 0/0 27 2025-01-01 00:00 /sbin",
        "-rwxr-xr-x 0/0 10 2025-01-01 00:00 /sbin/init",
        "drwxrwxrwt 0/0 3 2025-01-01 00:00 /tmp",
      ]
    `);
  });

  it('keeps what a file contains, and hard links as one file', async () => {
    await build();
    expect(unsquashfs('-cat', image(), 'containers/web/page with spaces, and ü')).toBe('page');
    expect(unsquashfs('-cat', image(), 'bin/linked')).toHaveLength(300_000);
    const names = new Set(
      LAYERS['busybox']?.concat(LAYERS['system'] ?? []).flatMap(({ path }) => path.split('/').map((_, index, all) => all.slice(0, index + 1).join('/'))),
    );
    // One inode less than names: the hard link; one more: the root directory.
    expect(Number(/Number of inodes (\d+)/.exec(unsquashfs('-s', image()))?.[1])).toBe(names.size - 1 + 1);
  });

  it.each([
    [{}, 'zstd', 65536],
    [{ compression: 'lz4' }, 'lz4', 131072],
  ] as const)('is compressed, with the options %j by %s in blocks of %i bytes, of which the kernel can hold a few', async (options, compression, block) => {
    await build(options);
    expect(unsquashfs('-s', image())).toMatch(new RegExp(`Compression ${compression}\\n[^]*Block size ${block}\\n`));
  });
});

describe('the same layers', () => {
  it('give the same bytes and the same manifest, whatever their order, the time, the zone and the umask', async () => {
    await build({}, { dependsOn: ['system', 'busybox'] });
    const first = [await sha256File(image()), await readManifest(artifact('rootfs'))];
    vi.stubEnv('TZ', 'Asia/Tokyo');
    const umask = process.umask(0o077);
    await new Promise((later) => setTimeout(later, 1100));
    await build({ layers: ['busybox', 'system'] }, { dependsOn: ['busybox', 'kernel', 'system'] }).finally(() => process.umask(umask));
    expect([await sha256File(image()), await readManifest(artifact('rootfs'))]).toEqual(first);
  });

  it('are told by size in the log and in the manifest', async () => {
    await build();
    expect(workspace.written).toMatch(/^busybox +301 kB +7 entries\nsystem +968 B +7 entries\nrootfs +300 kB +14 entries, zstd: /m);
    expect((await readManifest(artifact('rootfs'))).details).toMatchObject({
      compression: 'zstd',
      entries: 14,
      layers: [{ layer: 'busybox' }, { layer: 'system' }],
    });
  });
});

describe('layers that disagree', () => {
  const layers = { ...LAYERS, site: [fileEntry('etc/motd', 'welcome\n')] };

  it('are refused, unless one overrides the path', async () => {
    expect(await build({}, { layers })).toBe(false);
    expect(workspace.written).toMatch(/^LAYER_CONFLICT: layers "site" and "system" disagree on etc\/motd/m);
    expect(await build({ overrides: { site: ['etc/motd'] } }, { layers })).toBe(true);
    expect(unsquashfs('-cat', image(), 'etc/motd')).toBe('welcome\n');
  });
});

describe('layers that are left out', () => {
  it('are those that "layers" does not name', async () => {
    const layers = { ...LAYERS, site: [fileEntry('etc/motd', 'welcome\n')] };
    expect(await build({ layers: ['busybox', 'system'] }, { layers })).toBe(true);
    expect(unsquashfs('-cat', image(), 'etc/motd')).toBe('hello\n');
  });
});

describe('a runtime without id-mapped mounts', () => {
  const volume = (options: string[]): Entry =>
    fileEntry(
      'containers/counter/config.json',
      JSON.stringify({ mounts: [{ destination: '/data', source: '/var/lib/container-os/volumes/counter', options }] }),
    );
  const runc = [fileEntry('usr/sbin/runc', '', 0o755), fileEntry('usr/lib/oci-runtime/no-idmap', 'runc 1.1.12 has none\n')];

  it('is refused beside a container that needs them, and taken without', async () => {
    expect(await build({}, { layers: { ...LAYERS, runc, 'bundle-counter': [volume(['bind', 'idmap'])] } })).toBe(false);
    expect(workspace.written).toMatch(
      /^VOLUME_NOT_MAPPED: container counter has a volume, \/var\/lib\/container-os\/volumes\/counter, which needs an id-mapped mount: runc 1\.1\.12 has none$/m,
    );
    expect(await build({}, { layers: { ...LAYERS, runc, 'bundle-counter': [volume(['bind', 'ro'])] } })).toBe(true);
    expect(await build({ layers: ['busybox', 'system', 'runc'] }, { layers: { ...LAYERS, runc, 'bundle-counter': [volume(['bind', 'idmap'])] } })).toBe(true);
    expect(
      await build({ layers: ['busybox', 'system', 'bundle-counter'] }, { layers: { ...LAYERS, runc, 'bundle-counter': [volume(['bind', 'idmap'])] } }),
    ).toBe(true);
  });
});

describe('refuses', () => {
  it.each<[string, RegExp, Partial<RootfsOptions>, Setup]>([
    ['a root of no layers', /^LAYERS_MISSING: "layers" is empty$/m, { layers: [] }, {}],
    [
      'a layer that Nx would not build first',
      /^LAYER_NOT_A_DEPENDENCY: "layers" names "site", but demo:rootfs depends on system, busybox\n {2}hint: {2}Add "site" to "dependsOn" of "rootfs"/m,
      { layers: ['system', 'site'] },
      {},
    ],
    [
      'a target that made no layer',
      /^LAYER_MISSING: "layers" names "kernel", but that target did not make .*\/kernel\/layer\.cpio$/m,
      {},
      { dependsOn: ['kernel', 'system'] },
    ],
    ['a target that was not built', /^ARTIFACT_MISSING: .*\/tini: no such file$/m, {}, { dependsOn: ['tini', 'system'] }],
    [
      'a root without /sbin/init',
      /^INIT_MISSING: process 1 must be \/sbin\/init, .*none of the layers busybox has it\n {2}hint: {2}Add the target that makes \/sbin\/init,/m,
      {},
      { dependsOn: ['busybox'] },
    ],
    [
      'a runtime of containers that no layer has',
      /^OCI_RUNTIME_MISSING: the OCI runtime is \/usr\/sbin\/crun, but none of the layers busybox, system has it$/m,
      {},
      { layers: { busybox: [], system: [INIT, symlinkEntry('usr/lib/container-os/oci-runtime', '/usr/sbin/crun')] } },
    ],
    ['an override of a layer that is not there', /^OVERRIDES_UNKNOWN_LAYER: "overrides" names "sight"/m, { overrides: { sight: ['etc/motd'] } }, {}],
  ])('%s', async (_, message, options, setup) => {
    expect(await build(options, setup)).toBe(false);
    expect(workspace.written).toMatch(message);
    expect(workspace.written).toMatch(/^ {2}hint: {2}/m);
    expect(await readdir(join(workspace.root, 'dist/os-images/demo')).catch(() => [])).not.toContain('rootfs');
  });

  it('a host without its tools, naming their packages', async () => {
    vi.stubEnv('PATH', workspace.root);
    expect(await build()).toBe(false);
    expect(workspace.written).toMatch(/^HOST_TOOL_MISSING: "mksquashfs", "zstd" not found .*\n {2}hint: .*apt-get install squashfs-tools zstd\. /m);
  });
});
