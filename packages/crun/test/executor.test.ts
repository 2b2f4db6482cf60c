import { readManifest } from '@container-os/core';
import { useWorkspace } from '@container-os/core/testing';
import { readLayer } from '@container-os/cpio/fs';
import { installSource, packTree } from '@container-os/sources/testing';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import crun from '../src/executor.ts';

const workspace = useWorkspace();

/** Stand-ins with the targets of make that the real trees have. */
async function build(version: string): Promise<boolean> {
  const versions = { crun: version, libseccomp: '2.6.0', libcap: '2.75' };
  for (const [name, one] of Object.entries(versions)) {
    await installSource(workspace, name, { version: one, files: { [`${name}.tar.xz`]: packTree(join(import.meta.dirname, 'stand-in', name)) } });
  }
  return workspace.run(crun, 'crun', {});
}

it('the layer has one program, and the manifest the three sources', async () => {
  expect(await build('1.21')).toBe(true);
  expect(workspace.written).toContain('crun 1.21 runs');
  const entries = await readLayer(join(workspace.artifact('crun'), 'layer.cpio'));
  expect(entries.filter(({ type }) => type === 'file')).toMatchObject([{ path: 'usr/sbin/crun', mode: 0o755, uid: 0, gid: 0 }]);
  const { sources } = await readManifest(workspace.artifact('crun'));
  expect(sources.map(({ name }) => name)).toEqual(['crun', 'libseccomp', 'libcap']);
});

it('a program of another version is not shipped', async () => {
  expect(await build('1.22')).toBe(false);
  expect(workspace.written).toContain('CRUN_UNUSABLE: crun --version printed "crun version 1.21\\n+CAP');
  expect(await readdir(join(workspace.root, 'dist/os-images/demo'))).toEqual(['sources']);
});

it('a channel without crun has no layer, and a warning', async () => {
  await installSource(workspace, 'runc', { version: '1.1.12', files: { 'runc.amd64': Buffer.from('') } });
  expect(await workspace.run(crun, 'crun', {})).toBe(true);
  expect(workspace.written).toContain('the lock file of this channel has no source "crun": the image needs another OCI runtime, such as runc');
  expect(await readdir(workspace.artifact('crun'))).toEqual(['manifest.json']);
});
