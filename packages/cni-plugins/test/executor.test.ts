import { useWorkspace } from '@container-os/core/testing';
import { readLayer } from '@container-os/cpio/fs';
import { installSource } from '@container-os/sources/testing';
import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import cniPlugins from '../src/executor.ts';

const workspace = useWorkspace();
const VERSIONS = '{"cniVersion":"1.0.0","supportedVersions":["1.0.0"]}';

/** Makes a static program that prints `text`, as its command of CNI is VERSION. */
function compile(file: string, text: string): void {
  const source = `#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\nint main(void) { return strcmp(getenv("CNI_COMMAND"), "VERSION") || puts(${JSON.stringify(text)}) < 0; }\n`;
  execFileSync('musl-gcc', ['-static', '-s', '-x', 'c', '-o', file, '-'], { input: source });
}

beforeEach(async () => {
  const directory = join(workspace.root, 'release');
  await mkdir(directory);
  for (const name of ['bridge', 'host-local', 'loopback']) compile(join(directory, name), VERSIONS);
  compile(join(directory, 'dumb'), 'hello');
  await writeFile(join(directory, 'README.md'), 'not a plugin\n');
  const archive = execFileSync('tar', ['--create', '--gzip', `--directory=${directory}`, '.']);
  await installSource(workspace, 'cni-plugins', { version: '1.9.1', files: { 'cni-plugins.tgz': archive } });
});

const build = (plugins: [string, ...string[]]): Promise<boolean> => workspace.run(cniPlugins, 'cni-plugins', { plugins });

it('the layer has the chosen plugins, once each has told its version', async () => {
  expect(await build(['loopback', 'host-local'])).toBe(true);
  expect(workspace.written).toContain('host-local, loopback run');
  const entries = await readLayer(join(workspace.artifact('cni-plugins'), 'layer.cpio'));
  expect(entries.filter(({ type }) => type === 'file').map(({ path, mode }) => [path, mode])).toEqual([
    ['opt/cni/bin/host-local', 0o755],
    ['opt/cni/bin/loopback', 0o755],
  ]);
});

it('a channel without nft gives a warning if a plugin calls nft', async () => {
  expect(await build(['bridge'])).toBe(true);
  expect(workspace.written).toContain('warning: this channel has no nft');
});

it('an unknown plugin is named, with the known ones', async () => {
  expect(await build(['brigde'])).toBe(false);
  expect(workspace.written).toContain('CNI_PLUGIN_UNKNOWN: plugins: "brigde" is not in cni-plugins 1.9.1, which has bridge, dumb, host-local, loopback');
});

it('a plugin that does not speak the protocol is not shipped', async () => {
  expect(await build(['dumb'])).toBe(false);
  expect(workspace.written).toContain('CNI_PLUGIN_UNUSABLE: dumb answered VERSION with "hello\\n"');
});
