import type { ExecutorContext as NxContext } from '@nx/devkit';
import { basename, dirname, join } from 'node:path';
import { findDependencies, tasksBefore, type Dependencies } from './hash/dependencies.ts';
import { filesOf, type Recipe } from './hash/recipe.ts';
import type { HashedTarget } from './recorded-inputs.ts';
import { interpolate } from './outputs.ts';
import { progressFile } from './progress.ts';
import { createStep, type Step } from './step.ts';

/** Where a target runs. All paths are absolute. */
export interface TargetContext {
  /** Nx project, for example `demo-os`. */
  image: string;
  /** The name of its artifact, for example `kernel`: the last part of its first output. Nx may know the target by another name. */
  target: string;
  workspaceRoot: string;
  /** `os-images/demo-os`; relative paths in options are relative to it. */
  imageRoot: string;
  /** Names of the targets that this one depends on, of the image or of its base: its `dependsOn`, in any form that Nx knows. */
  dependsOn: string[];
  /** The directory of a target's artifact: `artifact('busybox')` is `…/dist/os-images/demo-os/busybox`, or where the base has it. */
  artifact(target: string): string;
  /** The target's `outputs` as configured. */
  outputs: readonly string[];
  /** Tools' own output goes to files here: `dist/logs/<image>/<target>.log`. Emptied at the start of a run. */
  logFile: string;
  /** Aborted by SIGINT and SIGTERM. */
  signal: AbortSignal;
  log: Step;
}

/** Extra context for targets that produce an artifact. */
export interface BuildContext extends TargetContext {
  /** Absolute path of a file or directory of the image that an option names: one that the recipe's `files` give, so that the hash has it. */
  file(path: string): string;
  /** Write outputs here. The directory takes the artifact's place when all went well. */
  out: string;
  /** A fresh directory outside every output, removed afterwards. */
  scratch: string;
}

/** The task as Nx hashed it; a call without Nx has none. */
export function hashedTarget(nx: NxContext): HashedTarget {
  const { root: workspaceRoot, taskGraph, projectsConfigurations, projectName = '' } = nx;
  const id = taskId(nx);
  return {
    workspaceRoot,
    root: projectsConfigurations.projects[projectName]?.root ?? '',
    task: taskGraph?.tasks[id] ?? { id, overrides: {}, outputs: [] },
  };
}

/** What the task depends on; without Nx, nothing. */
export async function dependenciesOf(nx: NxContext): Promise<Dependencies> {
  const graph = nx.taskGraph ?? { roots: [], tasks: {}, dependencies: {}, continuousDependencies: {} };
  return findDependencies(taskId(nx), graph, nx.projectGraph);
}

export function taskId({ projectName, targetName, configurationName }: NxContext): string {
  return [projectName, targetName, configurationName].filter(Boolean).join(':');
}

/** The context of the target that Nx calls. */
export function resolveContext(nx: NxContext, { graph }: Dependencies, signal: AbortSignal): TargetContext {
  const image = nx.projectName;
  const target = nx.targetName;
  const project = image ? nx.projectsConfigurations.projects[image] : undefined;
  if (!image || !target || !project) throw new Error('executor called without a project and a target');
  const before = tasksBefore(taskId(nx), graph);
  const outputs = nx.target?.outputs ?? [];
  const own = graph.tasks[taskId(nx)]?.outputs[0] ?? outputs.map((output) => interpolate(output, project.root))[0];
  const places = new Map(before.flatMap(({ outputs: [place] }) => (place === undefined ? [] : [[basename(place), place]])));
  const beside = before.flatMap(({ target: of, outputs: [place] }) => (of.project === image && place !== undefined ? [place] : []));
  const artifacts = dirname(own ?? beside[0] ?? join('dist', project.root, target));
  const logFile = join(nx.root, 'dist', 'logs', image, `${target}.log`);
  return {
    image,
    target: own === undefined ? target : basename(own),
    workspaceRoot: nx.root,
    imageRoot: join(nx.root, project.root),
    dependsOn: before.flatMap(({ target: of, outputs: [place] }) => (place !== undefined ? [basename(place)] : of.project === image ? [of.target] : [])),
    artifact: (name) => join(nx.root, places.get(name) ?? join(artifacts, name)),
    outputs,
    logFile,
    signal,
    log: createStep(process.stdout, progressFile(logFile)),
  };
}

/** The way to files of the image: what the recipe does not name would not be in the hash. */
export function fileReader(recipe: Recipe, options: Record<string, unknown>, { imageRoot, target }: TargetContext): BuildContext['file'] {
  const files = filesOf(recipe, options).map((file) => join(imageRoot, file));
  return (path) => {
    const file = join(imageRoot, path);
    if (files.some((one) => file === one || file.startsWith(`${one}/`))) return file;
    throw new Error(`${target} reads ${file}, which the "files" of its recipe.json do not name`);
  };
}
