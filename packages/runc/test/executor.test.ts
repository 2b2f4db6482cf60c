import { useWorkspace } from '@container-os/core/testing';
import { readLayer } from '@container-os/cpio/fs';
import { installSource } from '@container-os/sources/testing';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import runc from '../src/executor.ts';

const workspace = useWorkspace();
const program = (script: string): Buffer => Buffer.from(`#!/bin/sh\n${script}\n`);

async function build(script: string): Promise<boolean> {
  await installSource(workspace, 'runc', { version: '1.3.6', files: { 'runc.amd64': program(script) } });
  return workspace.run(runc, 'runc', {});
}

it('the layer has the program, once it has run', async () => {
  expect(await build('[ "$1" = --version ] && echo "runc version 1.3.6"')).toBe(true);
  expect(workspace.written).toContain('runc 1.3.6 runs');
  const [directory, sbin, file] = await readLayer(join(workspace.artifact('runc'), 'layer.cpio'));
  expect([directory?.path, sbin?.path]).toEqual(['usr', 'usr/sbin']);
  expect(file).toMatchObject({ path: 'usr/sbin/runc', mode: 0o755, uid: 0, gid: 0 });
});

it.each([
  ['is of another version', 'echo "runc version 1.1.15"', 'RUNC_UNUSABLE: runc --version printed "runc version 1.1.15", expected version 1.3.6'],
  ['is something else', 'echo hello', 'RUNC_UNUSABLE: runc --version printed "hello"'],
  ['does not run', 'echo broken >&2; exit 127', 'COMMAND_FAILED'],
])('a program that %s is not shipped', async (_name, script, message) => {
  expect(await build(script)).toBe(false);
  expect(workspace.written).toContain(message);
});
