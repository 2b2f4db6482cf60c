import type { ProjectGraph, Task, TaskGraph } from '@nx/devkit';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMissing } from '../files.ts';
import { OWN } from './target-inputs.ts';

/** The file of an artifact that says by which task it was made. No dependent's hash has it: a dependency that made equal bytes again changes nothing. */
export const TASK_HASH = 'task-hash';

/** The tasks that one task depends on. */
export interface Dependencies {
  /** The graph of the run, with what the run leaves out (`--exclude-task-dependencies`) and the task depends on all the same. */
  graph: TaskGraph;
  /** Ids of what the run leaves out. */
  leftOut: string[];
}

/**
 * What the task `id` depends on: a run may leave out some of it, and then its artifacts are read as they are in dist. Which configuration a
 * task runs in does not count, because its artifact has one place.
 */
export async function findDependencies(id: string, graph: TaskGraph, projectGraph: ProjectGraph): Promise<Dependencies> {
  const { project, target, configuration } = graph.tasks[id]?.target ?? {};
  if (!project || !target || !projectGraph.nodes[project]?.data.targets?.[target]?.dependsOn?.length) return { graph, leftOut: [] };
  const { createTaskGraph } = await import('nx/src/tasks-runner/create-task-graph.js');
  const whole = createTaskGraph(projectGraph, {}, [project], [target], configuration, {});
  const name = (of: string, { tasks }: TaskGraph): string => `${tasks[of]?.target.project}:${tasks[of]?.target.target}`;
  const inRun = new Set(Object.keys(graph.tasks).map((of) => name(of, graph)));
  const isLeftOut = (of: string): boolean => !inRun.has(name(of, whole));
  const without = Object.keys(whole.tasks).filter(isLeftOut);
  if (without.length === 0) return { graph, leftOut: [] };
  const pick = <Value>(record: Record<string, Value>): Record<string, Value> =>
    Object.fromEntries(Object.entries(record).filter(([of]) => without.includes(of)));
  const leftOut = (whole.dependencies[id] ?? []).filter(isLeftOut);
  return {
    graph: {
      ...graph,
      tasks: { ...graph.tasks, ...pick(whole.tasks) },
      dependencies: { ...graph.dependencies, ...pick(whole.dependencies), [id]: [...(graph.dependencies[id] ?? []), ...leftOut] },
    },
    leftOut,
  };
}

/** The tasks of the run that `id` depends on. */
export function tasksBefore(id: string, { tasks, dependencies }: TaskGraph): Task[] {
  return (dependencies[id] ?? []).flatMap((dependency) => tasks[dependency] ?? []);
}

/** An artifact that another task made than the one of this run. */
export interface ForeignArtifact {
  /** The task of this run. */
  id: string;
  /** The artifact's directory, relative to the workspace. */
  directory: string;
  /** Hash of that task. */
  expected: string;
  /** Hash of the task that made what is there; undefined where nothing tells it. */
  found: string | undefined;
}

/**
 * The artifacts of `tasks` which are not what these made in this run: Nx says that a task comes from the cache when its record says so, and
 * restores nothing where the files of that record are gone.
 */
export function foreignArtifacts(tasks: readonly Task[], workspaceRoot: string): ForeignArtifact[] {
  return tasks.flatMap(({ id, hash, hashDetails, outputs: [directory] }): ForeignArtifact[] => {
    // Only what our hasher hashed was made by our executors.
    if (!hash || directory === undefined || !Object.keys(hashDetails?.nodes ?? {}).some((name) => name.startsWith(OWN))) return [];
    const found = readTaskHash(join(workspaceRoot, directory));
    return found === hash ? [] : [{ id, directory, expected: hash, found }];
  });
}

function readTaskHash(directory: string): string | undefined {
  try {
    return readFileSync(join(directory, TASK_HASH), 'utf8').trim();
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
