import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { BuildError, compareInputs, readInputs, readReason, recordInputs, type InputChange } from '@container-os/core';
import type { CustomHasher, ProjectGraph, Task, TaskGraph } from '@nx/devkit';
import type * as TaskHashers from 'nx/src/hasher/create-task-hasher';
import type * as NxJson from 'nx/src/config/nx-json';
import type * as TaskGraphs from 'nx/src/tasks-runner/create-task-graph';
import { root } from '../files.ts';

/** One task of the graph below the target, after those it depends on. */
export interface Explanation {
  /** `demo-os:kernel` */
  task: string;
  /**
   * `hit`: the local cache has it. `miss`: it does not. `depends`: its own inputs are as they were, but a task it
   * takes files of would be built; it is built when those come out different.
   */
  verdict: 'hit' | 'miss' | 'depends';
  /** Against the artifact in dist/; null when there is none that tells its inputs. */
  changes: InputChange[] | null;
  /** Why that artifact was built, when it was built here and not fetched; null when it was the first. */
  lastBuild?: InputChange[] | null;
  /** Tasks that would be built or may be, and whose files this one reads. */
  waitsFor: string[];
}

/**
 * Hashes `target` (`project:target[:configuration]`) and all that it depends on as Nx would, and compares.
 * Builds nothing. `WHY_TARGET` for a target that is not there.
 */
export async function explain(target: string): Promise<Explanation[]> {
  // The files as they are now, not as a daemon last saw them. Before Nx is loaded: it reads this once.
  process.env['NX_DAEMON'] = 'false';
  process.chdir(root);
  const { createProjectGraphAsync, cacheDir } = await import('@nx/devkit');
  const { readNxJson } = await internal<typeof NxJson>('nx/src/config/nx-json');
  const { createTaskGraph } = await internal<typeof TaskGraphs>('nx/src/tasks-runner/create-task-graph');
  const { createTaskHasher } = await internal<typeof TaskHashers>('nx/src/hasher/create-task-hasher.js');
  const { default: hashTarget } = (await import('@container-os/core/hasher')) as { default: CustomHasher };
  const projectGraph = await createProjectGraphAsync({ exitOnError: false });
  const [project = '', name = '', configuration] = target.split(':');
  const targets = projectGraph.nodes[project]?.data.targets ?? {};
  if (!targets[name]?.cache) {
    const known = Object.keys(targets).filter((one) => targets[one]?.cache);
    throw new BuildError('WHY_TARGET', `${target}: no cached target of that name`, { hint: known.length > 0 ? `${project} has ${known.join(', ')}.` : 'npx nx show projects lists the projects.' });
  }
  const nxJson = readNxJson(root);
  const taskGraph = createTaskGraph(projectGraph, {}, [project], [name], configuration, {});
  const hasher = createTaskHasher(projectGraph, nxJson);
  const explained = new Map<string, Explanation>();
  for (const task of inOrder(taskGraph)) {
    const { value, details } = await hashTarget(task, { hasher, projectGraph, taskGraph } as unknown as Parameters<CustomHasher>[1]);
    const cached = existsSync(join(cacheDir, value));
    explained.set(task.id, await explainTask({ ...task, hashDetails: details }, cached, taskGraph, projectGraph, explained));
  }
  return [...explained.values()];
}

async function explainTask(task: Task, cached: boolean, { tasks, dependencies }: TaskGraph, locked: ProjectGraph, done: Map<string, Explanation>) {
  const artifact = join(root, 'dist', task.projectRoot ?? '', task.target.target);
  const now = await recordInputs({ workspaceRoot: root, root: task.projectRoot ?? '', task, locked });
  const before = await readInputs(artifact);
  if (!now) throw new Error(`${task.id}: Nx made no hash plan`);
  const changes = before ? compareInputs(before, now) : null;
  const read = Object.keys(now.artifacts);
  const waitsFor = (dependencies[task.id] ?? []).filter((id) => {
    const { target, projectRoot } = tasks[id] as Task;
    return done.get(id)?.verdict !== 'hit' && (!before || read.some((path) => path.startsWith(`dist/${projectRoot}/${target.target}/`)));
  });
  const verdict: Explanation['verdict'] = waitsFor.length > 0 && (cached || changes?.length === 0) ? 'depends' : cached ? 'hit' : 'miss';
  const logFile = join(root, 'dist/logs', task.target.project, `${task.target.target}.log`);
  const lastBuild = before && (await readReason(logFile, before));
  return { task: task.id, verdict, changes, ...(lastBuild === undefined ? {} : { lastBuild }), waitsFor };
}

/** Each task after those it depends on. */
function inOrder({ tasks, dependencies }: TaskGraph): Task[] {
  const order = new Set<string>();
  const visit = (id: string): void => {
    if (order.has(id)) return;
    for (const one of dependencies[id] ?? []) visit(one);
    order.add(id);
  };
  for (const id of Object.keys(tasks)) visit(id);
  return [...order].map((id) => tasks[id] as Task);
}

/** Nx has no public way to hash a task outside of a run; its version is pinned. */
async function internal<Module>(specifier: string): Promise<Module> {
  const module = (await import(specifier)) as Module & { default?: Module };
  return module.default ?? module;
}
