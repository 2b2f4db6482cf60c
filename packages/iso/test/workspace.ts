import { writeManifest } from '@container-os/core';
import { resolveOptions, taskGraph } from '@container-os/core/testing';
import type { ExecutorContext } from '@nx/devkit';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import iso from '../src/executor.ts';
import type { IsoOptions } from '../src/schema.d.ts';
import schema from '../src/schema.json' with { type: 'json' };

/** Content of what the iso target reads, by target and file; undefined leaves the artifact out. */
export type Payload = { bzImage: Uint8Array | undefined; initramfs: Uint8Array | undefined; rootfs?: Uint8Array };

/** Where the image of {@link buildIso} lands. */
export const isoOf = (workspace: string): string => join(workspace, 'dist/os-images/demo-os/demo-os.iso');

/** Runs the executor as `nx run demo-os:iso` does; true when the task succeeded. */
export async function buildIso(workspace: string, { bzImage, initramfs, rootfs }: Payload, options: Partial<IsoOptions> = {}): Promise<boolean> {
  const dist = join(workspace, 'dist/os-images/demo-os');
  for (const [target, file, data] of [
    ['kernel', 'bzImage', bzImage],
    ['initramfs', 'initramfs.img', initramfs],
    ['rootfs', 'rootfs.squashfs', rootfs],
  ] as const) {
    if (!data) continue;
    await mkdir(join(dist, target), { recursive: true });
    await writeFile(join(dist, target, file), data);
    await writeManifest(join(dist, target), { name: target, version: '1', licence: 'MIT' });
  }
  const dependsOn = ['kernel', 'initramfs', ...(rootfs ? ['rootfs'] : [])];
  const target = {
    executor: '@container-os/iso:iso',
    dependsOn,
    outputs: ['{workspaceRoot}/dist/{projectRoot}/iso', '{workspaceRoot}/dist/{projectRoot}/{projectName}.iso'],
  };
  const context: ExecutorContext = {
    root: workspace,
    cwd: workspace,
    isVerbose: false,
    projectName: 'demo-os',
    targetName: 'iso',
    target,
    projectsConfigurations: { version: 2, projects: { 'demo-os': { root: 'os-images/demo-os', targets: { iso: target } } } },
    nxJsonConfiguration: {},
    projectGraph: { nodes: {}, dependencies: {} },
    taskGraph: taskGraph('demo-os', 'iso', dependsOn),
  };
  return (await iso(resolveOptions(schema, { cmdline: 'console=ttyS0 panic=-1', ...options }), context)).success;
}
