import type { ProjectGraph, Task, TaskGraph } from '@nx/devkit';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findDependencies, foreignArtifacts } from '../../src/hash/dependencies.ts';

const target = (dependsOn: string[] = []) => ({ executor: 'x', dependsOn, outputs: [], configurations: { upstream: {} } });
const projectGraph = {
  nodes: {
    os: {
      name: 'os',
      type: 'app',
      data: { root: 'os', targets: { iso: target(['kernel', 'rootfs']), kernel: target(['sources']), rootfs: target(), sources: target() } },
    },
  },
  dependencies: { os: [] },
} as unknown as ProjectGraph;

/** A run of these tasks (`iso`, `sources:upstream`), with the dependencies among them. */
function runOf(tasks: Record<string, string[]>): TaskGraph {
  const idOf = (name: string): string => `os:${name}`;
  return {
    roots: [],
    tasks: Object.fromEntries(
      Object.keys(tasks).map((name) => [idOf(name), { id: idOf(name), target: { project: 'os', target: name.split(':')[0] }, overrides: {}, outputs: [] }]),
    ),
    dependencies: Object.fromEntries(Object.entries(tasks).map(([name, on]) => [idOf(name), on.map(idOf)])),
    continuousDependencies: {},
  } as unknown as TaskGraph;
}

describe('what a task depends on', () => {
  it('is what the run has, where the run leaves nothing out', async () => {
    const graph = runOf({ iso: ['kernel', 'rootfs'], kernel: ['sources:upstream'], rootfs: [], 'sources:upstream': [] });
    expect(await findDependencies('os:iso', graph, projectGraph)).toEqual({ graph, leftOut: [] });
    expect(await findDependencies('os:kernel', graph, projectGraph)).toEqual({ graph, leftOut: [] });
  });

  it('is also what the run leaves out, and that is named', async () => {
    const { graph, leftOut } = await findDependencies('os:iso', runOf({ iso: ['rootfs'], rootfs: [] }), projectGraph);
    expect(leftOut).toEqual(['os:kernel']);
    expect(graph.dependencies).toEqual({ 'os:iso': ['os:rootfs', 'os:kernel'], 'os:rootfs': [], 'os:kernel': ['os:sources'], 'os:sources': [] });
    expect(Object.keys(graph.tasks).sort()).toEqual(['os:iso', 'os:kernel', 'os:rootfs', 'os:sources']);
  });
});

describe('an artifact', () => {
  let root: string;
  beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'dependencies-'))));
  afterEach(() => rmSync(root, { recursive: true }));

  /** Of the task `os:rootfs`, whose hash in this run is `a`. */
  function foreign(rootfs: object = {}): ReturnType<typeof foreignArtifacts> {
    const details = { hashDetails: { nodes: { 'container-os:modules': '0' } } };
    const task = { target: { project: 'os', target: 'rootfs' }, projectRoot: 'os', outputs: ['dist/os/rootfs'], hash: 'a', ...details };
    return foreignArtifacts([{ id: 'os:rootfs', ...task, ...rootfs } as unknown as Task], root);
  }

  function make(hash?: string): void {
    mkdirSync(join(root, 'dist/os/rootfs'), { recursive: true });
    if (hash !== undefined) writeFileSync(join(root, 'dist/os/rootfs/task-hash'), `${hash}\n`);
  }

  const FOUND = { id: 'os:rootfs', directory: 'dist/os/rootfs', expected: 'a' };

  it('that the task of this run made is its own', () => {
    make('a');
    expect(foreign()).toEqual([]);
  });

  it('is foreign when another task made it, when nothing tells who did, and when it is not there', () => {
    expect(foreign()).toEqual([{ ...FOUND, found: undefined }]);
    make();
    expect(foreign()).toEqual([{ ...FOUND, found: undefined }]);
    make('b');
    expect(foreign()).toEqual([{ ...FOUND, found: 'b' }]);
  });

  it('is not judged where the run does not know its task, or an executor of somebody else made it', () => {
    expect(foreign({ hash: undefined })).toEqual([]);
    expect(foreign({ hashDetails: { nodes: { 'os:{projectRoot}/**/*': '0' } } })).toEqual([]);
    expect(foreign({ outputs: [] })).toEqual([]);
  });
});
