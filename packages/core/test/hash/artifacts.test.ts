import type { TaskGraph } from '@nx/devkit';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { artifactsRead } from '../../src/hash/artifacts.ts';
import { DigestMemory } from '../../src/hash/memory.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'artifacts-'));
  for (const path of ['sources/linux.json', 'sources/go.json', 'busybox/layer.cpio', 'busybox/manifest.json', 'web/layer.cpio', 'os.iso']) {
    mkdirSync(dirname(join(root, 'dist/os', path)), { recursive: true });
    writeFileSync(join(root, 'dist/os', path), path);
  }
});
afterEach(() => rmSync(root, { recursive: true }));

/** `os:rootfs` depends on busybox, and that on sources; nothing depends on web. */
const graph = {
  tasks: Object.fromEntries(
    ['rootfs', 'busybox', 'sources', 'web', 'iso'].map((name) => [`os:${name}`, { outputs: [name === 'iso' ? 'dist/os/os.iso' : `dist/os/${name}`] }]),
  ),
  dependencies: { 'os:rootfs': ['os:busybox', 'os:iso'], 'os:busybox': ['os:sources'], 'os:sources': [], 'os:iso': [], 'os:web': [] },
} as unknown as TaskGraph;

function read(...inputs: object[]): Record<string, string> {
  return artifactsRead(inputs, 'os:rootfs', graph, root, new DigestMemory(root));
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

it('are files in the outputs of dependencies that a glob names', () => {
  expect(read({ dependentTasksOutputFiles: '**/layer.cpio' })).toEqual({ 'dist/os/busybox/layer.cpio': sha256('busybox/layer.cpio') });
  expect(Object.keys(read({ dependentTasksOutputFiles: '**/{layer.cpio,manifest.json}' }))).toEqual([
    'dist/os/busybox/layer.cpio',
    'dist/os/busybox/manifest.json',
  ]);
  expect(Object.keys(read({ dependentTasksOutputFiles: '**/*.iso' }))).toEqual(['dist/os/os.iso']);
});

it('are those of their dependencies too, where the input says so', () => {
  expect(read({ dependentTasksOutputFiles: '**/*.json' })).not.toHaveProperty(['dist/os/sources/linux.json']);
  expect(Object.keys(read({ dependentTasksOutputFiles: '**/sources/{linux,go}.json', transitive: true }))).toEqual([
    'dist/os/sources/go.json',
    'dist/os/sources/linux.json',
  ]);
});

it('are none where an output is not there, or the input names something else', () => {
  rmSync(join(root, 'dist/os/busybox'), { recursive: true });
  expect(read({ dependentTasksOutputFiles: '**/layer.cpio' }, { fileset: '{projectRoot}/x' }, { externalDependencies: [] })).toEqual({});
});

it('are regular files: nothing else is opened', async () => {
  symlinkSync('/etc/passwd', join(root, 'dist/os/busybox/link.cpio'));
  const socket = createServer().listen(join(root, 'dist/os/busybox/socket.cpio'));
  try {
    await new Promise((resolve) => socket.once('listening', resolve));
    expect(Object.keys(read({ dependentTasksOutputFiles: '**/*.cpio' }))).toEqual(['dist/os/busybox/layer.cpio']);
  } finally {
    socket.close();
  }
});

it('never have the hash of the task that made them, whatever the glob: equal bytes made again are equal', () => {
  writeFileSync(join(root, 'dist/os/busybox/task-hash'), 'a');
  expect(Object.keys(read({ dependentTasksOutputFiles: '**/*' }))).toEqual(['dist/os/busybox/layer.cpio', 'dist/os/busybox/manifest.json', 'dist/os/os.iso']);
});
