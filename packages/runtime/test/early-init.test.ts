import { useWorkspace } from '@container-os/core/testing';
import { bytesOf } from '@container-os/cpio';
import { readLayer } from '@container-os/cpio/fs';
import { execFileSync } from 'node:child_process';
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import earlyInit from '../src/early-init/executor.ts';

const workspace = useWorkspace();

it('makes a layer of one small program that needs no library, its mount points and its console', async () => {
  expect(await workspace.run(earlyInit, 'early-init', {})).toBe(true);
  const layer = join(workspace.artifact('early-init'), 'layer.cpio');
  const entries = await readLayer(layer);
  expect(entries.map(({ path, type, mode }) => `${path} ${type} ${mode.toString(8)}`)).toEqual([
    'dev directory 755',
    'dev/console character 600',
    'init file 755',
    'medium directory 755',
    'proc directory 755',
    'root directory 755',
  ]);
  expect((await stat(layer)).size).toBeLessThan(64 * 1024);
  const init = entries.find(({ path }) => path === 'init');
  await writeFile(join(workspace.root, 'init'), init?.type === 'file' ? bytesOf(init.data) : '');
  expect(execFileSync('readelf', ['--program-headers', join(workspace.root, 'init')], { encoding: 'utf8' })).not.toContain('INTERP');
});
