import type { TaskGraph } from '@nx/devkit';
import { statSync, type BigIntStats } from 'node:fs';
import { basename, join } from 'node:path';
import { Minimatch } from 'minimatch';
import { walk } from '../walk.ts';
import { TASK_HASH } from './dependencies.ts';
import type { DigestMemory } from './memory.ts';

/** Before the path of an artifact's file among the parts of a hash. */
export const ARTIFACT = 'artifact ';

/**
 * The files of other targets' artifacts that the task `id` reads, sha256 by path from the workspace's root: those that a
 * `dependentTasksOutputFiles` of its inputs names, in outputs of the tasks it depends on (of these tasks' own dependencies too where the input
 * says `transitive`).
 *
 * Source: https://nx.dev/reference/inputs, "Outputs of dependent tasks".
 *
 * @example
 * artifactsRead([{ dependentTasksOutputFiles: '**\/layer.cpio' }], 'os:rootfs', taskGraph, root, memory); // { 'dist/os/busybox/layer.cpio': '5f1…' }
 */
export function artifactsRead(
  inputs: readonly object[],
  id: string,
  taskGraph: TaskGraph,
  workspaceRoot: string,
  memory: DigestMemory,
): Record<string, string> {
  const found: Record<string, string> = {};
  for (const input of inputs) {
    if (!('dependentTasksOutputFiles' in input)) continue;
    const { dependentTasksOutputFiles: glob, transitive = false } = input as { dependentTasksOutputFiles: string; transitive?: boolean };
    const wanted = new Minimatch(glob, { dot: true });
    const outputs = dependenciesOf(id, taskGraph, transitive).flatMap((dependency) => taskGraph.tasks[dependency]?.outputs ?? []);
    // Nx restores what a task depends on before it asks for the task's hash: one look at an output serves all that read it.
    for (const { path, stat } of outputs.flatMap((output) => memory.recently(`files of ${output}`, () => filesOf(output, workspaceRoot)))) {
      if (basename(path) !== TASK_HASH && wanted.match(path)) found[path] = memory.sha256(join(workspaceRoot, path), stat);
    }
  }
  return found;
}

function dependenciesOf(id: string, { dependencies }: TaskGraph, transitive: boolean): string[] {
  const found = new Set<string>();
  const waiting = [id];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const dependency of dependencies[next] ?? []) {
      if (found.has(dependency)) continue;
      found.add(dependency);
      if (transitive) waiting.push(dependency);
    }
  }
  return [...found];
}

/** The regular files of an output, which is a file or a directory; none of one that is not there. */
function filesOf(output: string, workspaceRoot: string): { path: string; stat: BigIntStats }[] {
  const stat = statSync(join(workspaceRoot, output), { bigint: true, throwIfNoEntry: false });
  if (!stat?.isDirectory()) return stat?.isFile() ? [{ path: output, stat }] : [];
  return [...walk(join(workspaceRoot, output))].flatMap((found) => (found.type === 'file' ? [{ path: `${output}/${found.path}`, stat: found.stat }] : []));
}
