import { useWorkspace } from '@container-os/core/testing';
import { bytesOf } from '@container-os/cpio';
import { readLayer } from '@container-os/cpio/fs';
import { installSource, packTree } from '@container-os/sources/testing';
import { execFileSync } from 'node:child_process';
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import earlyInit from '../src/early-init/executor.ts';

const ARCHIVE = packTree(join(import.meta.dirname, 'stand-in/linux'));
const workspace = useWorkspace();

beforeEach(() => installSource(workspace, 'linux', { version: '6.12.0', files: { 'linux.tar.xz': ARCHIVE } }));

it('makes a layer of one small program that needs no library, the drivers of the pinned Linux, its mount points and its console', async () => {
  expect(await workspace.run(earlyInit, 'early-init', {})).toBe(true);
  const layer = join(workspace.artifact('early-init'), 'layer.cpio');
  const entries = await readLayer(layer);
  expect(entries.map(({ path, type, mode }) => `${path} ${type} ${mode.toString(8)}`)).toEqual([
    'dev directory 755',
    'dev/console character 600',
    'init file 755',
    'medium directory 755',
    'pci-drivers file 644',
    'proc directory 755',
    'root directory 755',
    'sys directory 755',
  ]);
  expect((await stat(layer)).size).toBeLessThan(64 * 1024);
  const content = (name: string): Uint8Array => {
    const entry = entries.find(({ path }) => path === name);
    return entry?.type === 'file' ? bytesOf(entry.data) : new Uint8Array();
  };
  expect(Buffer.from(content('pci-drivers')).toString()).toBe('BLK_DEV_NVME */010802\n');
  await writeFile(join(workspace.root, 'init'), content('init'));
  expect(execFileSync('readelf', ['--program-headers', join(workspace.root, 'init')], { encoding: 'utf8' })).not.toContain('INTERP');
});
