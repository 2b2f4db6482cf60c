import { execa } from 'execa';
import { basename } from 'node:path';
import { root } from './files.ts';
import { nxEnvironment } from './workspace-copy.ts';

/** What `nx run <task> --graph` says: the task with all that it depends on, and every project. */
export interface NxGraph {
  graph: { nodes: Record<string, { data: { root: string; targets: Record<string, NxTarget | undefined> } } | undefined> };
  tasks: { tasks: Record<string, NxTask>; dependencies: Record<string, string[]> };
}

interface NxTarget {
  options?: Record<string, unknown>;
}

export interface NxTask {
  target: { project: string; target: string };
  /** Relative to the workspace; the first is the directory of the artifact. */
  outputs: string[];
}

/** Asks Nx for a task: `demo-os:iso`. */
export async function nxGraph(task: string): Promise<NxGraph> {
  const { stdout } = await execa('npx', ['nx', 'run', task, '--graph=stdout'], { cwd: root, env: nxEnvironment(), extendEnv: false });
  return JSON.parse(stdout) as NxGraph;
}

/** The tasks in an order in which they can be built. */
export function inOrder({ tasks: { tasks, dependencies } }: NxGraph): NxTask[] {
  const order = new Set<string>();
  const visit = (id: string): void => {
    for (const one of dependencies[id] ?? []) if (!order.has(one)) visit(one);
    order.add(id);
  };
  for (const id of Object.keys(tasks)) visit(id);
  return [...order].flatMap((id) => tasks[id] ?? []);
}

/**
 * Directories of artifacts by name, relative to the workspace, some of the image and some of its base.
 *
 * @example
 * artifactPlaces(await nxGraph('demo-os:iso')).get('kernel'); // 'dist/container-os/base/vm/kernel'
 */
export function artifactPlaces({ tasks: { tasks } }: NxGraph): Map<string, string> {
  return new Map(Object.values(tasks).flatMap(({ outputs: [directory] }) => (directory === undefined ? [] : [[basename(directory), directory]])));
}
