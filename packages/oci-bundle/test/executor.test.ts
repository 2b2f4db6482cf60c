import { readManifest } from '@container-os/core';
import { useWorkspace } from '@container-os/core/testing';
import { fileEntry, symlinkEntry, type Entry } from '@container-os/cpio';
import { readLayer, writeLayer } from '@container-os/cpio/fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import bundle from '../src/executor.ts';
import type { OciBundleOptions } from '../src/schema.d.ts';

const workspace = useWorkspace();
const { artifact } = workspace;

beforeEach(async () => {
  await mkdir(artifact('busybox'), { recursive: true });
  const linked: Entry = { ...fileEntry('bin/gzip', '', 0o755), hardLinkTo: 'bin/busybox' };
  await writeLayer(join(artifact('busybox'), 'layer.cpio'), [fileEntry('bin/busybox', '\x7fELF', 0o755), linked, symlinkEntry('bin/sh', '/bin/busybox'), fileEntry('etc/name', 'busybox\n')]);
});

async function build(options: OciBundleOptions, files: Record<string, string> = {}): Promise<boolean> {
  for (const [path, text] of Object.entries(files)) await workspace.write(path, text);
  return workspace.run(bundle, 'bundle-web', options, { dependsOn: ['busybox'], inputs: ['{projectRoot}/containers/web/**/*'] });
}

const layer = async (): Promise<Map<string, Entry>> => new Map((await readLayer(join(artifact('bundle-web'), 'layer.cpio'))).map((entry) => [entry.path, entry]));

const text = (entry: Entry | undefined): string => (entry?.type === 'file' ? Buffer.from(entry.data).toString() : `${entry?.type}`);

describe('the bundle', () => {
  it('is the configuration and the root file system, below /containers and the container\'s name', async () => {
    expect(await build({ rootfs: ['busybox', 'containers/web/rootfs'], config: ['containers/web/config.json', { hostname: 'shop' }] }, { 'containers/web/rootfs/srv/index.html': 'hi\n', 'containers/web/config.json': '{"process":{"cwd":"/srv"}}' })).toBe(true);
    const entries = await layer();
    expect(JSON.parse(text(entries.get('containers/web/config.json')))).toMatchObject({ hostname: 'shop', process: { cwd: '/srv', args: ['/bin/sh'] }, linux: { cgroupsPath: '/containers/web' } });
    expect(text(entries.get('containers/web/rootfs/srv/index.html'))).toBe('hi\n');
    expect(entries.get('containers/web/rootfs/bin/sh')).toMatchObject({ type: 'symlink', target: '/bin/busybox' });
    expect((await readManifest(artifact('bundle-web'))).details).toEqual({ container: 'web' });
  });

  it('keeps hard links, and lets a later part win', async () => {
    expect(await build({ rootfs: ['busybox', 'containers/web/rootfs'] }, { 'containers/web/rootfs/etc/name': 'web\n' })).toBe(true);
    const entries = await layer();
    expect(entries.get('containers/web/rootfs/bin/gzip')).toMatchObject({ hardLinkTo: 'containers/web/rootfs/bin/busybox' });
    expect(text(entries.get('containers/web/rootfs/etc/name'))).toBe('web\n');
  });

  it('lets the first part win when the order is the other way round', async () => {
    expect(await build({ rootfs: ['containers/web/rootfs', 'busybox'] }, { 'containers/web/rootfs/etc/name': 'web\n' })).toBe(true);
    expect(text((await layer()).get('containers/web/rootfs/etc/name'))).toBe('busybox\n');
  });

  it('has the mount points that its root lacks, not those below another mount', async () => {
    expect(await build({ rootfs: ['busybox'] })).toBe(true);
    const paths = [...(await layer()).keys()];
    expect(paths).toEqual(expect.arrayContaining(['proc', 'sys', 'dev', 'run', 'tmp'].map((path) => `containers/web/rootfs/${path}`)));
    expect(paths).not.toContain('containers/web/rootfs/dev/pts');
  });

  it('built twice has equal bytes', async () => {
    expect(await build({ rootfs: ['busybox'] })).toBe(true);
    const first = await readFile(join(artifact('bundle-web'), 'layer.cpio'));
    expect(await build({ rootfs: ['busybox'] })).toBe(true);
    expect((await readFile(join(artifact('bundle-web'), 'layer.cpio'))).equals(first)).toBe(true);
  });
});

describe('bad input', () => {
  it.each([
    [{ rootfs: ['containers/none'] }, {}, 'CONTAINER_DIRECTORY_MISSING', '"containers/none" is none of the targets in "dependsOn" (busybox)'],
    [{ rootfs: ['elsewhere'] }, { 'elsewhere/a': '' }, 'INPUT_NOT_DECLARED', '"{projectRoot}/elsewhere"'],
    [{ rootfs: ['busybox'], config: ['containers/web/none.json'] }, {}, 'OCI_CONFIG_INVALID', 'containers/web/none.json: no such file'],
    [{ rootfs: ['busybox'], config: ['containers/web/bad.json'] }, { 'containers/web/bad.json': '{' }, 'OCI_CONFIG_INVALID', 'containers/web/bad.json: not JSON'],
    [{ rootfs: ['busybox'], config: [{ process: { args: ['httpd'] } }] }, {}, 'CONTAINER_COMMAND_MISSING', 'container "web" runs "httpd"'],
    [{ rootfs: ['busybox', 'containers/web/rootfs'] }, { 'containers/web/rootfs/bin/sh/x': '' }, 'LAYER_CONFLICT', 'bin/sh'],
  ] as [OciBundleOptions, Record<string, string>, string, string][])('%j fails with a code and a hint, and leaves no artifact', async (options, files, code, message) => {
    expect(await build(options, files)).toBe(false);
    expect(workspace.written).toContain(`${code}: `);
    expect(workspace.written).toContain(message);
    await expect(readManifest(artifact('bundle-web'))).rejects.toThrow('no readable manifest');
  });
});
