import { useWorkspace } from '@container-os/core/testing';
import { fileEntry, type Entry } from '@container-os/cpio';
import { writeLayer } from '@container-os/cpio/fs';
import { flatten, placeRoot, writeRoot } from '@container-os/oci-image';
import { encodeTar, TAR_END } from '@container-os/oci-image/tar';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import rootfs from '../src/executor.ts';

const workspace = useWorkspace();
const INIT = fileEntry('sbin/init', '#!/bin/sh\n', 0o755);
const CAPABILITY = Buffer.from('0100000280ff0000000000000000000000000000', 'hex').toString('base64');
const owned = (uid: number, gid = uid): { uid: number; gid: number; mtime: number } => ({ uid, gid, mtime: 1_700_000_000 });
const LONG = `usr/share/${'long/'.repeat(40)}name with ü`;

beforeEach(() => vi.stubEnv('CONTAINER_OS_CACHE', join(workspace.root, 'cache')));

interface Made {
  name: string;
  layers?: Parameters<typeof encodeTar>[0][];
  beside?: Entry[];
}

/** What the target of a container makes that is an OCI image, its layers in a layout of the workspace. */
async function makeContainer({ name, layers = [], beside = [] }: Made): Promise<void> {
  const blobs = join(workspace.root, 'layout/blobs/sha256');
  await mkdir(blobs, { recursive: true });
  await writeFile(join(workspace.root, 'layout/oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  const written = await Promise.all(
    layers.map(async (entries) => {
      const tar = Buffer.concat([...encodeTar(entries), TAR_END].map((chunk) => Buffer.from(chunk as Uint8Array)));
      const hex = createHash('sha256').update(tar).digest('hex');
      const path = join(blobs, hex);
      await writeFile(path, tar);
      return { path, mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: `sha256:${hex}`, size: tar.length, diffId: `sha256:${hex}` };
    }),
  );
  const directory = workspace.artifact(`bundle-${name}`);
  await mkdir(directory, { recursive: true });
  await writeLayer(join(directory, 'layer.cpio'), [fileEntry(`containers/${name}/config.json`, '{}'), ...beside]);
  const placed = placeRoot(await flatten(written), { below: `containers/${name}/rootfs`, firstId: 2_000_000_000, ids: 65_536 });
  const header = { container: name, layers: written.map(({ path: _, ...layer }) => layer), origin: { layout: 'layout' } };
  await writeRoot(join(directory, 'root.ndjson'), header, placed);
}

async function build(...names: string[]): Promise<boolean> {
  await mkdir(workspace.artifact('system'), { recursive: true });
  await writeLayer(join(workspace.artifact('system'), 'layer.cpio'), [INIT]);
  const layers = ['system', ...names.map((name) => `bundle-${name}`)];
  return workspace.run(rootfs, 'rootfs', { layers, compression: 'lz4', overrides: {} }, { dependsOn: layers });
}

const image = (): string => join(workspace.artifact('rootfs'), 'rootfs.squashfs');
const unsquashfs = (...args: string[]): string => execFileSync('unsquashfs', args, { encoding: 'utf8', env: { ...process.env, TZ: 'UTC', LC_ALL: 'C.UTF-8' } });
const BASE: Entry[] = [
  { ...fileEntry('bin/su', 'su', 0o4755), ...owned(0) },
  { ...fileEntry('bin/ping', 'ping'), ...owned(65_535), xattrs: { 'security.capability': CAPABILITY, 'user.mime': 'eA==' } } as Entry,
  { ...fileEntry('bin/pong', '', 0o644), ...owned(65_535), hardLinkTo: 'bin/ping' },
  { ...fileEntry(LONG, 'long', 0o600), ...owned(33, 34) },
  { ...fileEntry('gone', ''), ...owned(0) },
];
const TOP: Entry[] = [
  { ...fileEntry('.wh.gone', ''), ...owned(0) },
  { ...fileEntry('top', 'top'), ...owned(0) },
];

describe('a container that is an OCI image', () => {
  it('has its root in the squashfs, with owners, modes, hard links, long names and capabilities', async () => {
    await makeContainer({ name: 'web', layers: [BASE, TOP] });
    expect(await build('web'), workspace.written).toBe(true);
    const lines = unsquashfs('-lln', image(), 'containers/web/rootfs')
      .trim()
      .split('\n')
      .map((line) =>
        line
          .replace(/ {2,}/g, ' ')
          .replace('squashfs-root/containers/web', '')
          .replace(/(long\/){38}/, '…'),
      )
      .filter((line) => /rootfs(\/(bin|top|gone)|.*name|$)/.test(line));
    expect(lines).toMatchInlineSnapshot(`
      [
        "drwxr-xr-x 2000000000/2000000000 48 2025-01-01 00:00 /rootfs",
        "drwxr-xr-x 2000000000/2000000000 49 2025-01-01 00:00 /rootfs/bin",
        "-rw-r--r-- 2000065535/2000065535 4 2023-11-14 22:13 /rootfs/bin/ping",
        "-rw-r--r-- 2000065535/2000065535 4 2023-11-14 22:13 /rootfs/bin/pong",
        "-rwsr-xr-x 2000000000/2000000000 2 2023-11-14 22:13 /rootfs/bin/su",
        "-rw-r--r-- 2000000000/2000000000 3 2023-11-14 22:13 /rootfs/top",
        "-rw------- 2000000033/2000000034 4 2023-11-14 22:13 /rootfs/usr/share/…long/long/name with ü",
      ]
    `);
  });

  // Others may not set capabilities.
  it.runIf(process.getuid?.() === 0)('has its extended attributes, on each name of a file', async () => {
    await makeContainer({ name: 'web', layers: [BASE] });
    await build('web');
    const tree = join(workspace.root, 'tree');
    execFileSync('unsquashfs', ['-quiet', '-no-progress', '-dest', tree, image()], { stdio: 'ignore' });
    const xattrs = JSON.parse(
      execFileSync(
        'python3',
        [
          '-c',
          'import os,json,sys; print(json.dumps({n: os.getxattr(sys.argv[1], n).hex() for n in os.listxattr(sys.argv[1])}))',
          join(tree, 'containers/web/rootfs/bin/pong'),
        ],
        {
          encoding: 'utf8',
        },
      ),
    ) as object;
    expect(xattrs).toEqual({ 'security.capability': Buffer.from(CAPABILITY, 'base64').toString('hex'), 'user.mime': '78' });
  });

  it('shares equal files with others', async () => {
    const large: Entry[] = [{ ...fileEntry('large', Buffer.from(Array.from({ length: 1 << 20 }, (_, at) => (at * at * 31) % 251))), ...owned(0) }];
    await makeContainer({ name: 'one', layers: [large] });
    expect(await build('one')).toBe(true);
    const alone = (await readFile(image())).length;
    await makeContainer({ name: 'two', layers: [large, TOP] });
    expect(await build('one', 'two')).toBe(true);
    expect((await readFile(image())).length).toBeLessThan(alone + 4096);
  });

  it('gives the same bytes twice, and from a store alone', async () => {
    await makeContainer({ name: 'web', layers: [BASE, TOP] });
    await build('web');
    const first = await readFile(image());
    await rm(join(workspace.root, 'layout'), { recursive: true });
    await rm(workspace.artifact('rootfs'), { recursive: true });
    expect(await build('web'), workspace.written).toBe(true);
    expect((await readFile(image())).equals(first)).toBe(true);
  });

  it('is refused where a layer has files of its own in the place of the root', async () => {
    await makeContainer({ name: 'web', layers: [TOP], beside: [fileEntry('containers/web/rootfs/etc/hosts', '')] });
    expect(await build('web')).toBe(false);
    expect(workspace.written).toMatch(/^LAYER_CONFLICT: a layer has containers\/web\/rootfs, where the root of a container goes that is an OCI image$/m);
  });
});
