import { join } from 'node:path';
import type { Box } from './box.ts';

export const IMAGE = 'os-images/demo-os';

/** Targets that are built in seconds on stand-ins. */
export const CHEAP = [
  'bundle-web',
  'bundle-client',
  'bundle-counter',
  'bundle-shell',
  'system',
  'early-init',
  'initramfs',
  'rootfs',
  'iso',
  'kernel-config',
  'kernel',
  'busybox',
  'tini',
  'e2fsprogs',
  'sources',
];

/** Containers with a rootfs of their own. */
export const CONTAINERS = ['web', 'client', 'counter'];

/** Imports that the importer's target says nothing of: neither in its inputs nor in package.json. */
export const IMPORTS = [
  { importer: 'iso', imported: 'cpio', target: 'iso' },
  { importer: 'initramfs', imported: 'sources', target: 'initramfs' },
  { importer: 'oci-bundle', imported: 'kbuild', target: 'bundle-web' },
];

export function rootfsOf(container: string): string {
  return join(IMAGE, 'containers', container, 'rootfs');
}

/** What demo-os has none of: something of each kind for the edits to work on. */
export function addFixtures(box: Box): void {
  for (const container of CONTAINERS) {
    const root = rootfsOf(container);
    box.write(join(root, 'usr/bin/helper'), '#!/bin/sh\ntrue\n', 0o755);
    box.write(join(root, 'srv/hooks/start'), '#!/bin/sh\ntrue\n', 0o755);
    box.write(join(root, 'srv/data.txt'), 'data\n');
    box.write(join(root, 'srv/notes.log'), 'notes\n');
    box.write(join(root, 'srv/node_modules/thing/index.js'), '// thing\n');
    box.write(join(root, 'srv/dist/app.js'), '// app\n');
    box.link(join(root, 'usr/lib/to-file'), '../bin/helper');
    box.link(join(root, 'usr/lib/to-directory'), '../bin');
    box.link(join(root, 'usr/lib/to-nothing'), '../nothing');
  }
  for (const { importer, imported } of IMPORTS)
    box.edit(`packages/${importer}/src/executor.ts`, (text) => `import * as another from '@container-os/${imported}';\nvoid another;\n${text}`);
  for (const file of ['kernel/excluded.config', 'busybox/excluded.config']) box.write(join(IMAGE, file), 'CONFIG_EXCLUDED=y\n');
  box.write(join(IMAGE, 'network/excluded.motd'), 'hello\n');
  box.edit(`${IMAGE}/project.json`, withOptions);
  box.edit('nx.json', withExclusions);
  // Other code, for what says which code runs.
  for (const [file, text] of Object.entries({
    'packages/tini/src/another.ts': "throw new Error('another');\n",
    'packages/cpio/src/another.ts': "throw new Error('another');\n",
    'packages/core/src/another.ts': "throw new Error('another');\n",
    'packages/rootfs/src/another.json': '{ "type": "object", "required": ["another"], "properties": {} }\n',
    'packages/iso/another.json': '{ "executors": {} }\n',
  }))
    box.write(file, text);
}

interface Project {
  targets: Record<string, { options?: Record<string, unknown>; dependsOn?: string[] }>;
}

function withOptions(text: string): string {
  const project = JSON.parse(text) as Project;
  const { 'kernel-config': kernel, busybox, system, rootfs } = project.targets;
  if (!kernel?.options || !busybox?.options || !system?.options || !rootfs?.dependsOn || !rootfs.options)
    throw new Error('demo-os has other targets than expected');
  (kernel.options['fragments'] as string[]).push('kernel/excluded.config');
  (busybox.options['fragments'] as string[]).push('busybox/excluded.config');
  system.options['motd'] = 'network/excluded.motd';
  // These two compile for minutes.
  const cheap = (names: string[]): string[] => names.filter((name) => !['cni-plugins', 'cosctl'].includes(name));
  rootfs.dependsOn = cheap(rootfs.dependsOn);
  rootfs.options['layers'] = cheap(rootfs.options['layers'] as string[]);
  return JSON.stringify(project, null, 2);
}

function withExclusions(text: string): string {
  const nxJson = JSON.parse(text) as { targetDefaults: Record<string, { inputs?: unknown[] }> };
  for (const [executor, file] of [
    ['kernel:kernel-config', 'kernel/excluded.config'],
    ['busybox:busybox', 'busybox/excluded.config'],
    ['system:system', 'network/excluded.motd'],
  ]) {
    (nxJson.targetDefaults[`@container-os/${executor}`]?.inputs ?? []).push(`!{projectRoot}/${file}`);
  }
  return JSON.stringify(nxJson, null, 2);
}
