import { readManifest } from '@container-os/core';
import { builtArtifact, resolveOptions } from '@container-os/core/testing';
import { bytesOf, fileEntry, merge, type Entry } from '@container-os/cpio';
import { readLayer, writeLayer } from '@container-os/cpio/fs';
import type { ExecutorContext } from '@nx/devkit';
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import qemuTest from '../src/qemu-test/executor.ts';
import type { QemuTestOptions } from '../src/qemu-test/schema.d.ts';
import schema from '../src/qemu-test/schema.json' with { type: 'json' };

export const KERNEL = builtArtifact('kernel/vmlinux');

/** What every /init below begins with: file systems, and `report`, which writes a line to the host. */
const PRELUDE = `#!/bin/sh
export PATH=/bin:/sbin:/usr/bin:/usr/sbin
mkdir -p /proc /sys /dev
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev 2>/dev/null
exec >/dev/console 2>&1
for port in /sys/class/virtio-ports/*; do port=/dev/\${port##*/}; done
report() { echo "$1" >"$port"; }
`;

/** A root with BusyBox and this /init. */
export async function guest(init: string): Promise<Entry[]> {
  return merge([
    { name: 'busybox', entries: await readLayer(builtArtifact('busybox/layer.cpio')) },
    { name: 'init', entries: [fileEntry('init', PRELUDE + init, 0o755)] },
  ]);
}

/** The root of demo-os, of the layers that its artifact rootfs has, with `changes` over it. */
export async function demoOs(changes: readonly Entry[] = []): Promise<Entry[]> {
  const { details } = await readManifest(builtArtifact('rootfs'));
  const layers = (details?.['layers'] as { layer: string }[]).map(({ layer }) => layer);
  const parts = await Promise.all(layers.map(async (name) => ({ name, entries: await readLayer(builtArtifact(`${name}/layer.cpio`)) })));
  const root = merge(parts);
  const changed = new Set(changes.map(({ path }) => path));
  return [...root.filter(({ path }) => !changed.has(path)), ...changes];
}

/** A text file of an archive's entries. */
export function textOf(entries: readonly Entry[], path: string): string {
  const entry = entries.find((one) => one.path === path);
  if (entry?.type !== 'file') throw new Error(`${path} is not among the entries`);
  return Buffer.from(bytesOf(entry.data)).toString();
}

/** Makes `workspace` a place where `nx run demo-os:qemu-test--direct` would boot `root`. */
export async function prepareWorkspace(workspace: string, root: readonly Entry[]): Promise<void> {
  const dist = join(workspace, 'dist/os-images/demo-os');
  await mkdir(join(dist, 'initramfs'), { recursive: true });
  await writeLayer(join(dist, 'initramfs/initramfs.img'), root);
  await symlink(builtArtifact('kernel'), join(dist, 'kernel')).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
}

/** Runs the executor as Nx does; true when the image passed. */
export async function runQemuTest(workspace: string, options: Partial<QemuTestOptions> = {}): Promise<boolean> {
  const target = { executor: '@container-os/qemu:qemu-test', outputs: ['{workspaceRoot}/dist/{projectRoot}/qemu-test'] };
  const context: ExecutorContext = {
    root: workspace,
    cwd: workspace,
    isVerbose: false,
    projectName: 'demo-os',
    targetName: 'qemu-test',
    target,
    projectsConfigurations: { version: 2, projects: { 'demo-os': { root: 'os-images/demo-os', targets: { 'qemu-test': target } } } },
    nxJsonConfiguration: {},
    projectGraph: { nodes: {}, dependencies: {} },
  };
  return (await qemuTest(resolveOptions(schema, { boot: 'direct', ...options }), context)).success;
}
