import { execa } from 'execa';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { NxRun } from './nx.ts';
import { createStandInWorkspace, REAL } from './stand-in/workspace.ts';
import { nxEnvironment } from './workspace-copy.ts';

const workspace = createStandInWorkspace();
const { base, directory, cache, edit, editTarget } = workspace;
const dist = join(directory, 'dist');

/** Without the target that stands for all boots and does nothing: Nx hashes its project for it. */
async function build(env?: NodeJS.ProcessEnv): Promise<NxRun> {
  const run = await workspace.run('qemu-test', env);
  return { ...run, built: run.built.filter((target) => target !== 'qemu-test') };
}
/** The ways to boot, each a target of its own, cached by itself. */
const BY_ISO = ['qemu-test--iso-bios', 'qemu-test--iso-uefi'];
const BOOTS = ['qemu-test--direct', ...BY_ISO];
/** Those after another configuration of the kernel: the vmlinux of the stand-in is the same in each. */
const BOOTS_OF_KERNEL = REAL ? BOOTS : BY_ISO;
const append = (line: string) => (text: string) => `${text}${line}\n`;

beforeAll(async () => {
  const first = await build();
  expect(first.exitCode, first.output).toBe(0);
  expect(first.cached).toEqual([]);
});
afterEach(() => workspace.restore());
afterAll(() => workspace.remove());

it('takes every task from the cache when nothing changed', async () => {
  expect((await build()).built).toEqual([]);
});

it("an edit of a container's file builds its bundle, what holds it, and nothing else", async () => {
  edit('os-images/demo-os/containers/web/rootfs/edited', () => 'edited');
  expect((await build()).built).toEqual(['bundle-web', 'iso', ...BOOTS, 'rootfs']);
});

it('the layers are the same in whatever form "dependsOn" names them', async () => {
  const ofBase = [
    { target: 'crun', projects: ['base-vm'] },
    { target: 'tini', projects: 'base-*' },
    'base-vm:cosctl',
    '^busybox',
    '^cni-plugins',
    '^e2fsprogs',
    '^programs',
  ];
  const own = ['bundle-web', 'demo-os:bundle-client', { target: 'bundle-shell' }, { target: 'bundle-counter', projects: ['demo-os'] }, 'sys*'];
  editTarget('rootfs', { dependsOn: [...ofBase, ...own] });
  expect((await build()).built).toEqual(['rootfs']);
});

it("a comment in the image's definition builds nothing: each target has of it what it says to that target", async () => {
  edit('os-images/demo-os/compose.yaml', append('# edited'));
  expect((await build()).built).toEqual([]);
});

it('an edit of one service builds its bundle and what holds it; the other bundles and the base are left alone', async () => {
  edit('os-images/demo-os/compose.yaml', (text) => text.replace('command: [/usr/bin/web]', '$&\n    environment: { EDITED: "1" }'));
  expect((await build()).built).toEqual(['bundle-web', 'iso', ...BOOTS, 'rootfs']);
});

it('an edit of what the boot test expects builds no artifact', async () => {
  edit('os-images/demo-os/test.yaml', (text) => text.replace(/^properties: /m, '$&1'));
  expect((await build()).built).toEqual(BOOTS);
});

it('an edit of a kernel fragment configures and builds the kernel, not BusyBox', async () => {
  edit('packages/image/bases/vm/kernel/containers.config', append('CONFIG_DUMMY=y'));
  expect((await build()).built).toEqual(['iso', 'kernel', 'kernel-config', ...BOOTS_OF_KERNEL]);
});

it('a comment in a kernel fragment does not compile the kernel: its configuration is the same', async () => {
  edit('packages/image/bases/vm/kernel/containers.config', append('# why'));
  expect((await build()).built).toEqual(['kernel-config']);
});

it("an edit of the kernel plugin's source builds the kernel; it is the same, so that the ISO comes from the cache", async () => {
  edit('packages/kernel/src/kernel/executor.ts', append('// edited'));
  expect((await build()).built).toEqual(['kernel']);
});

it("an edit of a plugin's test builds nothing", async () => {
  edit('packages/kernel/src/new.test.ts', () => '// new');
  expect((await build()).built).toEqual([]);
});

it("an edit of the ISO plugin's source builds the ISO, not the kernel", async () => {
  edit('packages/iso/src/executor.ts', append('// edited'));
  expect((await build()).built).toEqual(['iso']);
});

it('another version of an unrelated npm package builds nothing', async () => {
  edit('package.json', (text) => text.replace(/("vitest": ")[^"]+/, '$19.9.9'));
  // Nx knows a package by its integrity.
  edit('package-lock.json', (text) => text.replace(/("node_modules\/vitest": \{\s+"version": ")[^"]+(",\s+"integrity": "sha512-)\w{4}/, '$19.9.9$2AAAA'));
  expect((await build()).built).toEqual([]);
});

it('another gcc builds what is compiled, and only that', async () => {
  const bin = join(base, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'gcc'), '#!/bin/sh\ncase $1 in --version) echo "gcc (stand-in) 99.1.0" ;; *) exec /usr/bin/gcc "$@" ;; esac\n', { mode: 0o755 });
  const { built } = await build({ PATH: `${bin}:${process.env['PATH']}` });
  expect(built).toEqual(expect.arrayContaining(['busybox', 'crun', 'kernel', 'kernel-config', 'tini']));
  expect(built.filter((task) => ['sources', 'cni-plugins', 'e2fsprogs'].includes(task))).toEqual([]);
});

it('another boot menu makes another ISO, and boots it: a boot without boot loader does not read the ISO', async () => {
  editTarget('iso', { options: { timeout: 7 } });
  expect((await build()).built).toEqual(['iso', ...BY_ISO]);
});

it('an option of the boot test, in the file of Nx or on the command line, reaches each of its parts', async () => {
  editTarget('qemu-test', { options: { busy: 1 } });
  expect((await build()).built).toEqual(BOOTS);
  const { built } = await workspace.run('qemu-test--direct');
  expect(built).toEqual([]);
});

it('another directory has the same hashes and the same bytes', async () => {
  const elsewhere = join(base, 'another/and/deeper/workspace');
  cpSync(directory, elsewhere, { recursive: true, verbatimSymlinks: true, filter: (path) => !/\/(dist|\.nx)$/.test(path) });
  const here = await build();
  const there = await workspace.run('qemu-test', {}, elsewhere);
  expect(there.built).toContain('kernel');
  expect(there.hashes).toEqual(here.hashes);
  const files = readdirSync(dist, { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && !/\/(qemu-test--[^/]*|logs\/.*)$/.test(entry.parentPath),
  );
  expect(files.length).toBeGreaterThan(20);
  for (const { parentPath, name } of files) {
    const file = join(parentPath, name);
    expect(readFileSync(file.replace(directory, elsewhere)).equals(readFileSync(file)), file).toBe(true);
  }
});

it('an interrupted build leaves the old artifact, no process and no cache entry, and the next run is right', async () => {
  const before = readFileSync(join(workspace.artifact('kernel'), 'manifest.json'), 'utf8');
  edit('packages/image/bases/vm/kernel/containers.config', append(REAL ? 'CONFIG_DUMMY=y\nCONFIG_TUN=y' : 'CONFIG_STAND_IN_SECONDS=8'));
  const env = { ...nxEnvironment(), CONTAINER_OS_CACHE: cache };
  const child = execa('npx', ['nx', 'run', 'base-vm:kernel'], { cwd: directory, env, extendEnv: false, detached: true, reject: false, all: true });
  const partial = (): string[] => readdirSync(dirname(workspace.artifact('kernel'))).filter((name) => name.startsWith('kernel.partial-'));
  await expect.poll(partial, { timeout: 60_000 }).toHaveLength(1);
  await expect.poll(() => processes('bzImage').length, { timeout: 10_000 }).toBeGreaterThan(0);
  await setTimeout(500);
  process.kill(-(child.pid ?? 0), 'SIGINT');
  await child;
  await expect.poll(partial, { timeout: 10_000 }).toEqual([]);
  expect(processes('bzImage')).toEqual([]);
  expect(readFileSync(join(workspace.artifact('kernel'), 'manifest.json'), 'utf8')).toBe(before);
  expect(readdirSync(join(cache, 'scratch'))).toEqual([]);
  const again = await build();
  expect(again.exitCode, again.output).toBe(0);
  expect(again.built).toEqual(['iso', 'kernel', ...BOOTS_OF_KERNEL]);
});

/** Command lines of running processes that work in this test's cache and have `word`. */
function processes(word: string): string[] {
  const lines = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      } catch {
        return '';
      }
    });
  return lines.filter((line) => line.includes(cache) && line.includes(word));
}
