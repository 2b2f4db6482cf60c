import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { BuildError, compareInputs, readInputs, readReason, recordInputs, type InputChange } from '@container-os/core';
import type { ProjectGraph, Task, TaskGraph } from '@nx/devkit';
import { root } from '../files.ts';
import { planTasks } from '../one-task/plan.ts';

/** One task of the graph below the target, after those it depends on. */
export interface Explanation {
  /** `demo-os:iso` */
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
  process.chdir(root);
  const { cacheDir } = await import('@nx/devkit');
  const { taskGraph, order, hash } = await planTasks(target, requireCached);
  const explained = new Map<string, Explanation>();
  for (const planned of order) {
    const task = await hash(planned);
    const cached = existsSync(join(cacheDir, task.hash ?? ''));
    explained.set(task.id, await explainTask(task, cached, taskGraph, explained));
  }
  return [...explained.values()];
}

function requireCached(target: string, { nodes }: ProjectGraph): void {
  const [project = '', name = ''] = target.split(':');
  const targets = nodes[project]?.data.targets ?? {};
  if (targets[name]?.cache) return;
  const known = Object.keys(targets).filter((one) => targets[one]?.cache);
  throw new BuildError('WHY_TARGET', `${target}: no cached target of that name`, {
    hint: known.length > 0 ? `${project} has ${known.join(', ')}.` : 'npx nx show projects lists the projects.',
  });
}

async function explainTask(task: Task, cached: boolean, { tasks, dependencies }: TaskGraph, done: Map<string, Explanation>) {
  const artifact = join(root, task.outputs[0] ?? '');
  const now = await recordInputs({ workspaceRoot: root, root: task.projectRoot ?? '', task });
  const before = await readInputs(artifact);
  if (!now) throw new Error(`${task.id}: Nx made no hash plan`);
  const changes = before ? compareInputs(before, now) : null;
  const read = Object.keys(now.artifacts);
  const waitsFor = (dependencies[task.id] ?? []).filter((id) => {
    const [directory = ''] = (tasks[id] as Task).outputs;
    return done.get(id)?.verdict !== 'hit' && (!before || read.some((path) => path.startsWith(`${directory}/`)));
  });
  const verdict: Explanation['verdict'] = waitsFor.length > 0 && (cached || changes?.length === 0) ? 'depends' : cached ? 'hit' : 'miss';
  const logFile = join(root, 'dist/logs', task.target.project, `${task.target.target}.log`);
  const lastBuild = before && (await readReason(logFile, before));
  return { task: task.id, verdict, changes, ...(lastBuild === undefined ? {} : { lastBuild }), waitsFor };
}
