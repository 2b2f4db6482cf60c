import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Document, parse } from 'yaml';
import { BASE, IMAGE, withTarget, type TargetChange } from '../stand-in/targets.ts';
import type { Box } from './box.ts';

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
  'programs',
  'e2fsprogs',
  'sources',
];

/** The definition of an image beside demo-os. */
export const ANOTHER_IMAGE = `services:
  shell:
    image: busybox
    x-os: { rootfs: [busybox] }
    command: [/bin/sh]
x-os: {}
`;

/** Containers with a rootfs of their own. */
export const CONTAINERS = ['web', 'client', 'counter'];

/** Imports that the importer's target says nothing of: neither in its inputs nor in package.json. */
export const IMPORTS = [
  { importer: 'iso', imported: 'cpio', target: 'iso' },
  { importer: 'initramfs', imported: 'sources', target: 'initramfs' },
  { importer: 'oci-bundle', imported: 'kbuild', target: 'bundle-web' },
];

export function rootfsOf(container: string): string {
  return join(IMAGE.root, 'containers', container, 'rootfs');
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
  // Files that Nx does not know.
  box.write('.nxignore', 'excluded.*\n');
  for (const file of ['kernel/excluded.config', 'busybox/excluded.config']) box.write(join(BASE.root, file), 'CONFIG_EXCLUDED=y\n');
  box.write(join(IMAGE.root, 'network/excluded.motd'), 'hello\n');
  box.edit(`${BASE.root}/base.json`, withOptions);
  editDefinition(box, (definition) => definition.setIn(['x-os', 'motd'], 'network/excluded.motd'));
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

/** Changes what demo-os is. */
export function editDefinition(box: Box, change: (definition: Document) => void): void {
  box.edit(`${IMAGE.root}/compose.yaml`, (text) => {
    const definition = new Document(parse(text) as unknown);
    change(definition);
    return String(definition);
  });
}

/** Changes a target of demo-os or of its base, also where compose.yaml has no word for it. */
export function editTarget(box: Box, target: string, change: TargetChange): void {
  const { file, edit } = withTarget(target, change);
  box.write(file, edit(existsSync(box.at(file)) ? box.read(file) : ''));
}

interface BaseDefinition {
  targets: Record<string, { options?: Record<string, unknown> } | undefined>;
  layers: string[];
}

function withOptions(text: string): string {
  const base = JSON.parse(text) as BaseDefinition;
  const { 'kernel-config': kernel, busybox } = base.targets;
  if (!kernel?.options || !busybox?.options) throw new Error('the base has other targets than expected');
  (kernel.options['fragments'] as string[]).push('kernel/excluded.config');
  (busybox.options['fragments'] as string[]).push('busybox/excluded.config');
  // These two compile for minutes.
  base.layers = base.layers.filter((name) => !['cni-plugins', 'cosctl'].includes(name));
  return JSON.stringify(base, null, 2);
}
