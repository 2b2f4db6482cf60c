import { execa } from 'execa';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { createStandInWorkspace } from './stand-in/workspace.ts';
import type { Explanation } from './why/explain.ts';
import { nxEnvironment } from './workspace-copy.ts';

const workspace = createStandInWorkspace();
const { base, directory, cache, edit, editTarget } = workspace;
const append = (line: string) => (text: string) => `${text}${line}\n`;

beforeAll(async () => expect((await workspace.run('iso')).exitCode).toBe(0));
afterEach(() => workspace.restore());
afterAll(() => workspace.remove());

async function why(target: string, env: NodeJS.ProcessEnv = {}, ...args: string[]): Promise<string> {
  const options = { cwd: directory, env: { ...nxEnvironment(), CONTAINER_OS_CACHE: cache, ...env }, extendEnv: false } as const;
  return (await execa('npm', ['run', '--silent', 'why', '--', target, ...args], options)).stdout;
}

it('says that a target would hit when nothing changed', async () => {
  expect(await why('demo-os:iso')).toBe('demo-os:iso would hit: nothing changed.');
});

it("names a fragment of the kernel's configuration, at the task that reads it", async () => {
  edit('packages/image/bases/vm/kernel/network.config', append('CONFIG_DUMMY=y'));
  expect(await why('base-vm:kernel')).toBe(`base-vm:kernel may miss:
  base-vm:kernel-config  packages/image/bases/vm/kernel/network.config changed
  base-vm:kernel         if the files of kernel-config come out different`);
});

it('names an option with its old and new value', async () => {
  editTarget('iso', { options: { timeout: 7 } });
  expect(await why('demo-os:iso')).toBe('demo-os:iso would miss:\n  demo-os:iso  option timeout: 0 → 7');
});

it('names what a service of the definition says', async () => {
  edit('os-images/demo-os/compose.yaml', (text) => text.replace('command: [/usr/bin/web]', '$&\n    hostname: shop'));
  expect(await why('demo-os:bundle-web')).toMatch(/^demo-os:bundle-web would miss:\n {2}demo-os:bundle-web {2}option service: .*→ .*"hostname":"shop"/);
});

it('names a tool with its old and new version', async () => {
  mkdirSync(join(base, 'bin'));
  writeFileSync(join(base, 'bin/zstd'), '#!/bin/sh\ncase $1 in --version) echo "zstd (stand-in) 99.1.0" ;; *) exec /usr/bin/zstd "$@" ;; esac\n', {
    mode: 0o755,
  });
  expect(await why('base-vm:initramfs', { PATH: `${base}/bin:${process.env['PATH']}` })).toMatch(
    /^base-vm:initramfs would miss:\n {2}base-vm:initramfs {2}zstd \d+\.\d+\.\d+ → 99\.1\.0$/,
  );
});

it('names the file of a tool that calls itself by the same version', async () => {
  mkdirSync(join(base, 'same'));
  writeFileSync(join(base, 'same/zstd'), '#!/bin/sh\nexec /usr/bin/zstd "$@"\n', { mode: 0o755 });
  expect(await why('base-vm:initramfs', { PATH: `${base}/same:${process.env['PATH']}` })).toMatch(/ zstd \d+\.\d+\.\d+: the same version, but other bytes: /);
});

it("names a container's file that was added", async () => {
  edit('os-images/demo-os/containers/web/rootfs/edited', () => 'edited');
  expect(await why('demo-os:bundle-web')).toBe('demo-os:bundle-web would miss:\n  demo-os:bundle-web  os-images/demo-os/containers/web/rootfs/edited added');
});

it("names a file of the plugin's own source", async () => {
  edit('packages/iso/src/executor.ts', append('// edited'));
  expect(await why('demo-os:iso')).toBe('demo-os:iso would miss:\n  demo-os:iso  packages/iso/src/executor.ts changed');
});

it('names an npm package with its versions', async () => {
  // Node finds this one first.
  edit('packages/oci-bundle/node_modules/json-merge-patch/package.json', () => '{ "name": "json-merge-patch", "version": "9.9.9" }');
  expect(await why('demo-os:bundle-web')).toBe('demo-os:bundle-web would miss:\n  demo-os:bundle-web  npm package json-merge-patch 1.0.2 → 9.9.9');
});

it('tells after a build why it was made, down to the edit', async () => {
  edit('packages/image/bases/vm/kernel/network.config', append('CONFIG_DUMMY=y'));
  expect((await workspace.run('kernel')).built).toEqual(['kernel', 'kernel-config']);
  expect(await why('base-vm:kernel')).toBe(`base-vm:kernel would hit: nothing changed.
It was last built because:
  base-vm:kernel         dist/container-os/base/vm/kernel-config/config changed
  base-vm:kernel-config  packages/image/bases/vm/kernel/network.config changed`);
  const tasks = JSON.parse(await why('base-vm:kernel', {}, '--json')) as Explanation[];
  expect(tasks.at(-1)).toMatchObject({ task: 'base-vm:kernel', verdict: 'hit', changes: [], lastBuild: [{ kind: 'artifact', change: 'changed' }] });
});
