import { useWorkspace } from '@container-os/core/testing';
import { readLayer } from '@container-os/cpio/fs';
import { installSource } from '@container-os/sources/testing';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import tini from '../src/executor.ts';

const workspace = useWorkspace();

async function build(script: string): Promise<boolean> {
  await installSource(workspace, 'tini', { version: '0.19.0', files: { 'tini-static-amd64': Buffer.from(`#!/bin/sh\n${script}\n`) } });
  return workspace.run(tini, 'tini', {});
}

it('the layer has the program, once it has run', async () => {
  expect(await build('[ "$1" = --version ] && echo "tini version 0.19.0"')).toBe(true);
  expect(workspace.written).toContain('tini 0.19.0 runs');
  const entries = await readLayer(join(workspace.artifact('tini'), 'layer.cpio'));
  expect(entries.at(-1)).toMatchObject({ path: 'usr/sbin/tini', mode: 0o755, uid: 0, gid: 0 });
});

it('a program of another version is not shipped', async () => {
  expect(await build('echo "tini version 0.18.0"')).toBe(false);
  expect(workspace.written).toContain('TINI_UNUSABLE: tini --version printed "tini version 0.18.0", expected version 0.19.0');
});
