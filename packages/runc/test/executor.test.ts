import { useWorkspace } from '@container-os/core/testing';
import { readLayer } from '@container-os/cpio/fs';
import { installSource } from '@container-os/sources/testing';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openEscapes } from '../src/escapes.ts';
import runc from '../src/executor.ts';

const workspace = useWorkspace();
const program = (script: string): Buffer => Buffer.from(`#!/bin/sh\n${script}\n`);

const answers = (version: string, features: string): string =>
  `case $1 in --version) echo 'runc version ${version}' ;; features) echo '${features}' ;; *) exit 1 ;; esac`;

async function build(script: string, version = '1.3.6'): Promise<boolean> {
  await installSource(workspace, 'runc', { version, files: { 'runc.amd64': program(script) } });
  return workspace.run(runc, 'runc', {});
}

it('the layer has the program, once it has run', async () => {
  expect(await build(answers('1.3.6', '{"linux":{"mountExtensions":{"idmap":{"enabled":true}}}}'))).toBe(true);
  expect(workspace.written).toContain('runc 1.3.6 runs');
  expect(workspace.written).not.toContain('warning');
  const [directory, sbin, file, ...others] = await readLayer(join(workspace.artifact('runc'), 'layer.cpio'));
  expect([directory?.path, sbin?.path, others]).toEqual(['usr', 'usr/sbin', []]);
  expect(file).toMatchObject({ path: 'usr/sbin/runc', mode: 0o755, uid: 0, gid: 0 });
});

it('a runc of the seed is shipped with a warning of the ways out that it has, and tells the OS that it cannot map ids', async () => {
  expect(await build(answers('1.1.12', '{"linux":{"cgroup":{"v2":true}}}'), '1.1.12')).toBe(true);
  for (const name of ['CVE-2024-45310', 'CVE-2025-31133', 'CVE-2025-52565', 'CVE-2025-52881'])
    expect(workspace.written).toMatch(new RegExp(`warning: .*runc 1\\.1\\.12 has known container escapes.*${name}`));
  expect(workspace.written).toContain('runc 1.1.12 has no id-mapped mounts: named volumes are refused');
  const entries = await readLayer(join(workspace.artifact('runc'), 'layer.cpio'));
  expect(entries.map(({ path }) => path)).toContain('usr/lib/oci-runtime/no-idmap');
});

it.each([
  ['is of another version', 'echo "runc version 1.1.15"', 'RUNC_UNUSABLE: runc --version printed "runc version 1.1.15", expected version 1.3.6'],
  ['is something else', 'echo hello', 'RUNC_UNUSABLE: runc --version printed "hello"'],
  ['does not run', 'echo broken >&2; exit 127', 'COMMAND_FAILED'],
])('a program that %s is not shipped', async (_name, script, message) => {
  expect(await build(script)).toBe(false);
  expect(workspace.written).toContain(message);
});

it.each([
  ['1.1.11', ['CVE-2024-21626', 'CVE-2024-45310', 'CVE-2025-31133', 'CVE-2025-52565', 'CVE-2025-52881']],
  ['1.1.12', ['CVE-2024-45310', 'CVE-2025-31133', 'CVE-2025-52565', 'CVE-2025-52881']],
  ['1.1.14', ['CVE-2025-31133', 'CVE-2025-52565', 'CVE-2025-52881']],
  ['1.2.7', ['CVE-2025-31133', 'CVE-2025-52565', 'CVE-2025-52881']],
  ['1.2.8', []],
  ['1.3.2', ['CVE-2025-31133', 'CVE-2025-52565', 'CVE-2025-52881']],
  ['1.3.3', []],
  ['1.4.0', []],
])('runc %s has the ways out %j', (version, expected) => {
  expect(openEscapes(version).map((one) => one.split(' ')[0])).toEqual(expected);
});

it('a way out is told with the versions that close it', () => {
  expect(openEscapes('1.2.7')[0]).toBe('CVE-2025-31133 (closed in 1.2.8 and 1.3.3)');
});
