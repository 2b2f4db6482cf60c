import { readManifest } from '@container-os/core';
import { resolveOptions, useWorkspace } from '@container-os/core/testing';
import { installSource, packTree } from '@container-os/sources/testing';
import { execFileSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import kernelConfig from '../src/kernel-config/executor.ts';
import type { KernelConfigOptions } from '../src/kernel-config/schema.d.ts';
import schema from '../src/kernel-config/schema.json' with { type: 'json' };
import kernel from '../src/kernel/executor.ts';

const ARCHIVE = packTree(join(import.meta.dirname, 'stand-in/linux'));
const workspace = useWorkspace();

beforeEach(async () => {
  await installSource(workspace, 'linux', { version: '6.12.0', files: { 'linux.tar.xz': ARCHIVE } });
  await workspace.write('kernel/base.config', 'CONFIG_64BIT=y\nCONFIG_NR_CPUS=8\n');
  await workspace.write('kernel/net.config', '# Network\nCONFIG_VETH=y\nCONFIG_NR_CPUS=64\n');
});

const configure = (options: Partial<KernelConfigOptions>): Promise<boolean> => workspace.run(kernelConfig, 'kernel-config', resolveOptions(schema, options));
const build = (): Promise<boolean> => workspace.run(kernel, 'kernel', {});
const config = (): Promise<string> => readFile(join(workspace.artifact('kernel-config'), 'config'), 'utf8');

describe('kernel-config', () => {
  it('makes a configuration of a file and fragments, the later before the earlier', async () => {
    expect(await configure({ base: 'kernel/base.config', fragments: ['kernel/net.config'] })).toBe(true);
    expect(await config()).toBe('\nCONFIG_64BIT=y\nCONFIG_NR_CPUS=64\nCONFIG_VETH=y\n');
    expect(workspace.written).toContain('3 symbols requested, all survived');
    expect(await readManifest(workspace.artifact('kernel-config'))).toMatchObject({
      name: 'kernel-config',
      version: '6.12.0',
      details: { requested: 3 },
    });
  });

  it('makes it of a target of the kernel too', async () => {
    expect(await configure({ base: 'x86_64_defconfig', fragments: ['kernel/net.config'] })).toBe(true);
    expect(await config()).toBe('\nCONFIG_VETH=y\nCONFIG_NR_CPUS=64\n');
  });

  it('fails with the line of what did not survive, and leaves no configuration', async () => {
    await workspace.write('kernel/lost.config', '# Wrong\nCONFIG_NO_SUCH_FS=y\n');
    expect(await configure({ base: 'kernel/base.config', fragments: ['kernel/lost.config'] })).toBe(false);
    expect(workspace.written).toMatch(/KCONFIG_SYMBOL_LOST: 1 of 3 .*\n {2}kernel\/lost.config:2: CONFIG_NO_SUCH_FS=y, actual n/);
    expect(await readdir(join(workspace.root, 'dist/os-images/demo'))).toEqual(['sources']);
    expect(await configure({ base: 'kernel/base.config', fragments: ['kernel/lost.config'], allow: { CONFIG_NO_SUCH_FS: 'only in later kernels' } })).toBe(
      true,
    );
  });

  it('of lines for other versions than the tree is, none need survive, and the manifest names them', async () => {
    await workspace.write(
      'kernel/new.config',
      '# since 6.12\nCONFIG_NO_SUCH_YET=y\n# until 6.6\nCONFIG_NO_SUCH_ANY_MORE=y\n# one of\nCONFIG_NO_SUCH_NAME=y\nCONFIG_SUCH_NAME=y\n',
    );
    expect(await configure({ base: 'kernel/base.config', fragments: ['kernel/new.config'] })).toBe(false);
    expect(workspace.written).toMatch(
      /KCONFIG_SYMBOL_LOST: 1 of 6 .*\n {2}kernel\/new.config:2: CONFIG_NO_SUCH_YET=y, actual n; no Kconfig file defines it, though it should exist since 6.12 and the tree is 6.12.0/,
    );
    await workspace.write('kernel/new.config', '# since 6.13\nCONFIG_NO_SUCH_YET=y\n# one of\nCONFIG_NO_SUCH_NAME=y\nCONFIG_SUCH_NAME=y\n');
    expect(await configure({ base: 'kernel/base.config', fragments: ['kernel/new.config'] })).toBe(true);
    expect(workspace.written).toContain('3 symbols requested, all survived; 2 more are of other versions');
    expect(await readManifest(workspace.artifact('kernel-config'))).toMatchObject({
      details: { requested: 5, absent: ['CONFIG_NO_SUCH_YET', 'CONFIG_NO_SUCH_NAME'] },
    });
  });

  it('names a fragment that is not there', async () => {
    expect(await configure({ base: 'kernel/base.config', fragments: ['kernel/none.config'] })).toBe(false);
    expect(workspace.written).toMatch(/FILE_MISSING: .*kernel\/none\.config/);
  });
});

describe('kernel', () => {
  it('makes bzImage, and a vmlinux without symbols but with its PVH note', async () => {
    expect(await configure({ base: 'kernel/base.config', fragments: [] })).toBe(true);
    expect(await build()).toBe(true);
    expect((await readdir(workspace.artifact('kernel'))).sort()).toEqual(['bzImage', 'manifest.json', 'vmlinux']);
    expect(execFileSync('readelf', ['--notes', '--sections', '--wide', join(workspace.artifact('kernel'), 'vmlinux')], { encoding: 'utf8' })).toMatch(/Xen\s/);
    expect(execFileSync('readelf', ['--symbols', join(workspace.artifact('kernel'), 'vmlinux')], { encoding: 'utf8' })).not.toContain('_start');
    expect(await readFile(join(workspace.artifact('kernel'), 'bzImage'), 'latin1')).toContain('CONFIG_NR_CPUS=8');
  });

  it('refuses a vmlinux that QEMU could not boot', async () => {
    await workspace.write('kernel/base.config', '# CONFIG_PVH is not set\n');
    expect(await configure({ base: 'kernel/base.config', fragments: [] })).toBe(true);
    expect(await build()).toBe(false);
    expect(workspace.written).toContain('PVH_NOTE_MISSING');
    expect(workspace.written).toContain('Set CONFIG_PVH=y');
  });

  it('shows the last lines of a compiler that failed', async () => {
    await workspace.write('kernel/base.config', 'CONFIG_STAND_IN_SECONDS="soon"\n');
    expect(await configure({ base: 'kernel/base.config', fragments: [] })).toBe(true);
    expect(await build()).toBe(false);
    expect(workspace.written).toMatch(/COMMAND_FAILED: make[^]*sleep: invalid time interval[^]*log:/);
  });
});
