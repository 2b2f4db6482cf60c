import { BuildError, missingTools, requireMachine, toolOf } from '@container-os/core';
import { hostToolsOf } from '@container-os/core/hash/recipe';
import type { TargetConfiguration } from '@nx/devkit';
import { dirname, join } from 'node:path';
import type { Plugin } from '../infer/plugins.ts';

/** Projects of the graph, as far as the doctor reads them. */
export type Projects = Readonly<Record<string, { root: string; targets?: Record<string, TargetConfiguration> }>>;

/** A target that an image has, or that one of those depends on. */
export interface Task {
  project: string;
  target: string;
}

/** Compiles what an image takes prebuilt: who asks for that is told what it needs. */
const VERIFY = '@container-os/prebuilt:verify-prebuilt';

/** The targets of `project`, and those of other projects that they depend on, each once. */
export function tasksOf(project: string, projects: Projects): Task[] {
  const found = new Map<string, Task>();
  const add = (task: Task): void => {
    const id = `${task.project}:${task.target}`;
    const config = projects[task.project]?.targets?.[task.target];
    if (!config || found.has(id)) return;
    found.set(id, task);
    for (const dependency of config.dependsOn ?? []) {
      if (typeof dependency === 'string') add({ project: task.project, target: dependency });
      else
        for (const other of [dependency.projects ?? task.project].flat()) add({ project: other === 'self' ? task.project : other, target: dependency.target });
    }
  };
  for (const [target, { executor }] of Object.entries(projects[project]?.targets ?? {})) if (executor !== VERIFY) add({ project, target });
  return [...found.values()];
}

/** What a machine lacks, and for which targets. */
export interface Lacks {
  /** Targets by tool. */
  tools: Map<string, string[]>;
  /** By tool: the Debian package that has it, and the file that was looked for; a program is looked for on PATH. */
  sought: Map<string, { deb: string; file: string | undefined }>;
  /** Why a target cannot run on a machine of this kind. */
  refused: string[];
}

/** Which host tools of these targets are not there; targets of executors without a recipe need none that we know. */
export function lacksOf(tasks: readonly Task[], projects: Projects, plugin: (executor: string) => Plugin | undefined, workspaceRoot: string): Lacks {
  const lacks: Lacks = { tools: new Map(), sought: new Map(), refused: [] };
  for (const { project, target } of tasks) {
    const { executor = '', options = {}, outputs = [] } = projects[project]?.targets?.[target] ?? {};
    const known = plugin(executor);
    if (!known) continue;
    const artifacts = dirname((outputs[0] ?? '').replace('{workspaceRoot}', workspaceRoot).replace('{projectRoot}', projects[project]?.root ?? ''));
    const needed = hostToolsOf(known.recipe, { ...known.defaults, ...(options as object) }, join(artifacts));
    try {
      requireMachine(`${project}:${target}`, known.recipe, needed);
    } catch (error) {
      if (!(error instanceof BuildError)) throw error;
      lacks.refused.push(error.message);
      continue;
    }
    for (const tool of missingTools(needed)) {
      lacks.tools.set(tool, [...(lacks.tools.get(tool) ?? []), target]);
      const { deb = tool, present, path: file = present } = toolOf(tool, needed.ownTools);
      lacks.sought.set(tool, { deb, file });
    }
  }
  return lacks;
}
