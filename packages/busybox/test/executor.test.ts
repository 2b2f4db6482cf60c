import { readManifest } from '@container-os/core';
import { resolveOptions, useWorkspace } from '@container-os/core/testing';
import { readLayer } from '@container-os/cpio/fs';
import { installSource, packTree } from '@container-os/sources/testing';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import busybox from '../src/executor.ts';
import type { BusyboxOptions } from '../src/schema.d.ts';
import schema from '../src/schema.json' with { type: 'json' };

const ARCHIVE = packTree(join(import.meta.dirname, 'stand-in/busybox'));
const workspace = useWorkspace();

beforeEach(async () => {
  await installSource(workspace, 'busybox', { version: '1.37.0', files: { 'busybox.tar.xz': ARCHIVE } });
  await workspace.write('busybox/small.config', 'CONFIG_STATIC=y\n');
});

const build = (options: Partial<BusyboxOptions>): Promise<boolean> => workspace.run(busybox, 'busybox', resolveOptions(schema, options));

it('the layer has one static program, and a link to it where each applet belongs, but none to itself', async () => {
  expect(await build({ fragments: ['busybox/small.config'] })).toBe(true);
  const entries = await readLayer(join(workspace.artifact('busybox'), 'layer.cpio'));
  expect(entries.filter(({ type }) => type === 'file').map(({ path, mode }) => [path, mode])).toEqual([['bin/busybox', 0o755]]);
  expect(Object.fromEntries(entries.flatMap((entry) => (entry.type === 'symlink' ? [[entry.path, entry.target]] : [])))).toEqual({
    'usr/bin/wget': '/bin/busybox',
    'bin/sh': '/bin/busybox',
    'usr/sbin/httpd': '/bin/busybox',
    'bin/sleep': '/bin/busybox',
    'sbin/init': '/bin/busybox',
  });
  expect(await readManifest(workspace.artifact('busybox'))).toMatchObject({ version: '1.37.0', details: { applets: 5 } });
});

it('a program whose shell does not work is not shipped', async () => {
  await workspace.write('busybox/small.config', 'CONFIG_STATIC=y\nCONFIG_STAND_IN_SAYS="works not"\n');
  expect(await build({ fragments: ['busybox/small.config'] })).toBe(false);
  expect(workspace.written).toContain('BUSYBOX_UNUSABLE: busybox ash printed "works not\\n", expected "works"');
  expect(await readdir(join(workspace.root, 'dist/os-images/demo'))).toEqual(['sources']);
});

it('an option that did not survive is named with its line', async () => {
  await workspace.write('busybox/small.config', 'CONFIG_NO_SUCH_APPLET=y\n');
  expect(await build({ fragments: ['busybox/small.config'] })).toBe(false);
  expect(workspace.written).toContain('busybox/small.config:1: CONFIG_NO_SUCH_APPLET=y, actual n; no Kconfig file defines it');
});
