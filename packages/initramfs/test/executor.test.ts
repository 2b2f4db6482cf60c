import { readManifest } from '@container-os/core';
import { resolveOptions, useWorkspace } from '@container-os/core/testing';
import { bytesOf, decode, directoryEntry, fileEntry, symlinkEntry, type Entry } from '@container-os/cpio';
import { writeLayer } from '@container-os/cpio/fs';
import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import initramfs from '../src/executor.ts';
import type { InitramfsOptions } from '../src/schema.d.ts';
import schema from '../src/schema.json' with { type: 'json' };

const INIT = fileEntry('init', '#!/bin/sh\n', 0o755);
const LAYERS: Record<string, Entry[]> = {
  system: [INIT, directoryEntry('etc'), fileEntry('etc/motd', 'hello\n')],
  busybox: [
    fileEntry('bin/busybox', Buffer.alloc(300_000, 'busybox '), 0o4755),
    symlinkEntry('bin/sh', 'busybox'),
    { ...directoryEntry('dev/null', 0o666), type: 'character', major: 1, minor: 3 },
  ],
};

const workspace = useWorkspace();

const { artifact } = workspace;

interface Setup {
  layers?: Record<string, Entry[]>;
  dependsOn?: string[];
}

async function build(options: Partial<InitramfsOptions>, { layers = LAYERS, dependsOn = Object.keys(layers) }: Setup = {}): Promise<boolean> {
  for (const [name, entries] of Object.entries(layers)) {
    await mkdir(artifact(name), { recursive: true });
    await writeLayer(join(artifact(name), 'layer.cpio'), entries);
  }
  await mkdir(artifact('kernel'), { recursive: true });
  return workspace.run(initramfs, 'initramfs', resolveOptions(schema, { layers: dependsOn, ...options }), { dependsOn });
}

const image = (): Promise<Buffer> => readFile(join(artifact('initramfs'), 'initramfs.img'));

describe('the image', () => {
  it.each([
    ['zstd', '28b52ffd', ['zstd', '-dc']],
    ['gzip', '1f8b0800', ['gzip', '-dc']],
    ['lz4', '02214c18', ['lz4', '-dc']],
    ['none', Buffer.from('0707').toString('hex'), ['cat']],
  ] as const)('compressed with %s comes back from the same tool as the merged layers', async (compression, magic, [tool, ...args]) => {
    expect(await build({ compression })).toBe(true);
    expect((await image()).subarray(0, 4).toString('hex')).toBe(magic);
    const archive = execFileSync(tool, args, { input: await image() });
    expect(decode(archive).map(({ path }) => path)).toEqual(['bin', 'bin/busybox', 'bin/sh', 'dev', 'dev/null', 'etc', 'etc/motd', 'init']);
    expect(await readdir(artifact('initramfs'))).toEqual(['initramfs.img', 'manifest.json']);
  });

  it('is compressed with zstd unless told, with a window that the kernel can afford', async () => {
    await build({}, { layers: { system: [INIT, fileEntry('large', Buffer.alloc(80 << 20))] } });
    const listing = execFileSync('zstd', ['-lv', join(artifact('initramfs'), 'initramfs.img')], { encoding: 'utf8' });
    expect(Number(/Window Size: .*\((\d+) B\)/.exec(listing)?.[1])).toBe(32 << 20);
  });

  it.each(['zstd', 'gzip', 'lz4', 'none'] as const)('has the same bytes and the same manifest whatever the order of the layers (%s)', async (compression) => {
    await build({ compression }, { dependsOn: ['system', 'busybox'] });
    const first = [await image(), await readManifest(artifact('initramfs'))];
    await build({ compression }, { dependsOn: ['busybox', 'system'] });
    expect([await image(), await readManifest(artifact('initramfs'))]).toEqual(first);
  });

  it('has the layers that are named, and not those of other dependencies; an empty one adds nothing', async () => {
    expect(await build({ layers: ['cosctl', 'system'] }, { layers: { ...LAYERS, cosctl: [] } })).toBe(true);
    expect((await readManifest(artifact('initramfs'))).details).toMatchObject({
      entries: 3,
      layers: [
        { layer: 'cosctl', entries: 0 },
        { layer: 'system', entries: 3 },
      ],
    });
  });

  it('says the size of each layer, the largest first, in the log and in the manifest', async () => {
    await build({ compression: 'none' });
    expect(workspace.written.split('\n').filter((line) => line.includes('entries'))).toMatchInlineSnapshot(`
      [
        "busybox    301 kB  5 entries",
        "system      496 B  3 entries",
        "initramfs  301 kB  8 entries, not compressed",
      ]
    `);
    expect((await readManifest(artifact('initramfs'))).details).toMatchInlineSnapshot(`
      {
        "compression": "none",
        "entries": 8,
        "layers": [
          {
            "bytes": 300728,
            "entries": 5,
            "layer": "busybox",
            "sha256": "b2b962c30cda7ff1c1c87e33cd9a9731bb9b3dfc6151ff7b1c836d606990a167",
          },
          {
            "bytes": 496,
            "entries": 3,
            "layer": "system",
            "sha256": "a09b2c945d13b005821eb84536bd00067e2ca5755525657bffeed57787ddb797",
          },
        ],
        "uncompressedBytes": 301100,
      }
    `);
  });
});

describe('layers that disagree', () => {
  const layers = { ...LAYERS, site: [fileEntry('etc/motd', 'welcome\n')] };

  it('are refused, and the image of the run before stays', async () => {
    await build({});
    const before = await image();
    expect(await build({}, { layers })).toBe(false);
    expect(workspace.written).toMatch(/^LAYER_CONFLICT: layers "site" and "system" disagree on etc\/motd: sha256 [0-9a-f]{64} and 5891b5b522d5.*$/m);
    expect(await image()).toEqual(before);
  });

  it.each([
    ['site', 'welcome\n'],
    ['system', 'hello\n'],
  ])('are merged when %s overrides the path', async (winner, text) => {
    expect(await build({ compression: 'none', overrides: { [winner]: ['etc/motd'] } }, { layers })).toBe(true);
    const motd = decode(await image()).find(({ path }) => path === 'etc/motd');
    expect(motd?.type === 'file' && Buffer.from(bytesOf(motd.data)).toString()).toBe(text);
  });
});

describe('refuses', () => {
  it.each<[string, RegExp, Partial<InitramfsOptions>, Setup]>([
    [
      'an override of a layer that is not there',
      /^OVERRIDES_UNKNOWN_LAYER: "overrides" names "sight"; the layers are busybox, system$/m,
      { overrides: { sight: ['etc/motd'] } },
      {},
    ],
    [
      'an override that overrides nothing',
      /^LAYER_OVERRIDE_UNUSED: layer "system" declares an override of etc\/issue/m,
      { overrides: { system: ['etc/issue'] } },
      {},
    ],
    ['a root of no layers', /^LAYERS_MISSING: "layers" is empty$/m, { layers: [] }, {}],
    [
      'a layer that Nx would not build first',
      /^LAYER_NOT_A_DEPENDENCY: "layers" names "site", but demo:initramfs depends on system, busybox\n {2}hint: {2}Add "site" to "dependsOn" of "initramfs"/m,
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
    ['a root without /init', /^INIT_MISSING: .*none of the layers busybox has it$/m, {}, { dependsOn: ['busybox'] }],
    ['an /init that cannot be executed', /^INIT_MISSING: .*its mode is 0644$/m, {}, { layers: { system: [fileEntry('init', '')] } }],
  ])('%s', async (_, message, options, setup) => {
    expect(await build(options, setup)).toBe(false);
    expect(workspace.written).toMatch(message);
    expect(workspace.written).toMatch(/^ {2}hint: {2}/m);
    expect(await readdir(join(workspace.root, 'dist/os-images/demo')).catch(() => [])).not.toContain('initramfs');
  });

  it('a damaged layer, naming its file', async () => {
    await build({});
    await writeFile(join(artifact('busybox'), 'layer.cpio'), execFileSync('gzip', ['-nc'], { input: await readFile(join(artifact('busybox'), 'layer.cpio')) }));
    expect(await build({}, { layers: {}, dependsOn: ['busybox', 'system'] })).toBe(false);
    expect(workspace.written).toMatch(/^CPIO_DAMAGED: .*\/busybox\/layer.cpio: archive is damaged at byte 0: found gzip data; decompress it first\?$/m);
  });

  it('a host without the compressor, naming its package', async () => {
    vi.stubEnv('PATH', workspace.root);
    expect(await build({ compression: 'lz4' })).toBe(false);
    expect(workspace.written).toMatch(/^HOST_TOOL_MISSING: "lz4" not found .*\n {2}hint: .*apt-get install lz4\. /m);
  });
});
