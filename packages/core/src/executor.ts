import type { ExecutorContext as NxContext } from '@nx/devkit';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { BuildError, formatError } from './errors.ts';
import { filesOf, hostToolsOf, type Recipe } from './hash/recipe.ts';
import { requireOutput } from './outputs.ts';
import { requireTools, toolPath, withPath } from './tool-path.ts';
import { writeManifest, type ManifestInput } from './manifest.ts';
import { cacheDir } from './paths.ts';
import { readInputs, recordInputs, requireStillUnchanged, writeInputs, type HashedTarget } from './recorded-inputs.ts';
import { writeReason } from './reason.ts';
import { createStep, type Step } from './step.ts';

/** Where a target runs. All paths are absolute. */
export interface TargetContext {
  /** Nx project, for example `demo-os`. */
  image: string;
  /** For example `kernel`. */
  target: string;
  workspaceRoot: string;
  /** `os-images/demo-os`; relative paths in options are relative to it. */
  imageRoot: string;
  /** Names of the targets of the same image that this one depends on: its `dependsOn`, in any form that Nx knows. */
  dependsOn: string[];
  /** The directory of another target's artifact: `artifact('busybox')` is `…/dist/os-images/demo-os/busybox`. */
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
  /** Write outputs here. The directory takes the artifact's place in one rename when all went well. */
  out: string;
  /** A fresh directory outside every output, removed afterwards. */
  scratch: string;
}

/** The two halves of an executor: a pure plan (JSON) and the work. */
export interface ExecutorDefinition<Options, Plan> {
  /** The content of `recipe.json` beside the executor; without one, the target reads no file of the image and calls no tool. */
  recipe?: Recipe;
  /** Options (defaults already filled in from schema.json by Nx) to a JSON plan: no file system, clock or environment. */
  plan(options: Options, context: Pick<TargetContext, 'image' | 'target' | 'dependsOn'>): Plan;
  /** Does the work of `plan` and says what was made. */
  run(plan: Plan, context: BuildContext): Promise<ManifestInput>;
  /** Files to move from `out` to the image's own directory, for example the ISO. */
  publish?(plan: Plan): string[];
}

type NxExecutor<Options> = (options: Options, context: NxContext) => Promise<{ success: boolean }>;

/**
 * An Nx executor that builds an artifact: resolve → plan → run → manifest, in a staging directory that
 * replaces `dist/os-images/<image>/<target>` only when everything succeeded. A {@link BuildError} is
 * printed with its hint and fails the task.
 *
 * @example
 * export default defineExecutor<KernelOptions, KernelPlan>({ plan: planKernel, run: buildKernel });
 */
export function defineExecutor<Options, Plan>(definition: ExecutorDefinition<Options, Plan>): NxExecutor<Options> {
  return defineCommand<Options>(async (options, context, nx) => {
    const recipe = definition.recipe ?? {};
    const plan = definition.plan(options, context);
    const destination = context.artifact(context.target);
    const root = relative(context.workspaceRoot, context.imageRoot);
    requireOutput(relative(context.workspaceRoot, destination), context.outputs, { id: `${context.image}:${context.target}`, root, options });
    const file = fileReader(recipe, options as Record<string, unknown>, context);
    const tools = hostToolsOf(recipe, options as Record<string, unknown>, dirname(destination));
    requireTools(tools, context.target);
    const path = await toolPath(tools);
    const out = `${destination}.partial-${process.pid}`;
    const scratchRoot = cacheDir('scratch');
    await removeLeftovers(dirname(destination), `${basename(destination)}.partial-`);
    await removeLeftovers(scratchRoot, '');
    await mkdir(out, { recursive: true });
    await mkdir(scratchRoot, { recursive: true });
    const scratch = await mkdtemp(join(scratchRoot, `${context.image}-${context.target}-${process.pid}-`));
    try {
      // Before the work: what Nx hashed, not what is edited meanwhile.
      const hashed = hashedTarget(nx);
      const inputs = await recordInputs(hashed);
      const before = await readInputs(destination);
      const made = await withPath(path, () => definition.run(plan, { ...context, file, out, scratch }));
      context.signal.throwIfAborted();
      if (inputs) requireStillUnchanged(hashed, inputs);
      await writeManifest(out, made);
      if (inputs) await writeInputs(out, inputs);
      for (const file of definition.publish?.(plan) ?? []) await rename(join(out, file), join(dirname(destination), file));
      await rm(destination, { recursive: true, force: true });
      await rename(out, destination);
      if (inputs) await writeReason(context.logFile, inputs, before);
    } finally {
      await rm(out, { recursive: true, force: true });
      await rm(scratch, { recursive: true, force: true });
    }
  });
}

/** An Nx executor without artifact, such as `run` or `update-sources`: same context, errors and interruption. */
export function defineCommand<Options>(work: (options: Options, context: TargetContext, nx: NxContext) => Promise<void>): NxExecutor<Options> {
  return async (options, nx) => {
    const abort = new AbortController();
    const reason = new BuildError('INTERRUPTED', 'interrupted; no incomplete files are left', { hint: 'Run the same command again to continue.' });
    const interrupt = (): void => abort.abort(reason);
    // Not once(): execa's clean-up ends the process at a signal that nobody else listens to any more.
    process.on('SIGINT', interrupt);
    process.on('SIGTERM', interrupt);
    try {
      const context = resolveContext(nx, abort.signal);
      await rm(context.logFile, { force: true });
      await work(options, context, nx);
      return { success: true };
    } catch (error) {
      process.stderr.write(`\n${formatError(abort.signal.aborted ? abort.signal.reason : explain(error))}\n`);
      return { success: false };
    } finally {
      process.off('SIGINT', interrupt);
      process.off('SIGTERM', interrupt);
    }
  };
}

/** The task as Nx hashed it; a call without Nx has none. */
function hashedTarget(nx: NxContext): HashedTarget {
  const { root: workspaceRoot, taskGraph, projectGraph, projectsConfigurations, projectName = '' } = nx;
  const id = taskId(nx);
  return {
    workspaceRoot,
    root: projectsConfigurations.projects[projectName]?.root ?? '',
    task: taskGraph?.tasks[id] ?? { id, overrides: {} },
    locked: projectGraph,
  };
}

/** What Nx ran before this task: it has resolved `dependsOn`. */
function dependenciesOf(nx: NxContext): { project: string; target: string }[] {
  return (nx.taskGraph?.dependencies[taskId(nx)] ?? []).flatMap((id) => nx.taskGraph?.tasks[id]?.target ?? []);
}

function taskId({ projectName, targetName, configurationName }: NxContext): string {
  return [projectName, targetName, configurationName].filter(Boolean).join(':');
}

function resolveContext(nx: NxContext, signal: AbortSignal): TargetContext {
  const image = nx.projectName;
  const target = nx.targetName;
  const project = image ? nx.projectsConfigurations.projects[image] : undefined;
  if (!image || !target || !project) throw new Error('executor called without a project and a target');
  const artifacts = join(nx.root, 'dist', project.root);
  return {
    image,
    target,
    workspaceRoot: nx.root,
    imageRoot: join(nx.root, project.root),
    dependsOn: dependenciesOf(nx)
      .filter(({ project: name }) => name === image)
      .map((one) => one.target),
    artifact: (name) => join(artifacts, name),
    outputs: nx.target?.outputs ?? [],
    logFile: join(nx.root, 'dist', 'logs', image, `${target}.log`),
    signal,
    log: createStep(),
  };
}

/** The way to files of the image: what the recipe does not name would not be in the hash. */
function fileReader(recipe: Recipe, options: Record<string, unknown>, { imageRoot, target }: TargetContext): BuildContext['file'] {
  const files = filesOf(recipe, options, imageRoot).map((file) => join(imageRoot, file));
  return (path) => {
    const file = join(imageRoot, path);
    if (files.some((one) => file === one || file.startsWith(`${one}/`))) return file;
    throw new Error(`${target} reads ${file}, which the "files" of its recipe.json do not name`);
  };
}

/** Names what every part can run into. */
function explain(error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (code === 'ENOSPC') {
    return new BuildError('DISK_FULL', `no space left on the device: ${(error as NodeJS.ErrnoException).path ?? 'while writing'}`, {
      cause: error,
      hint: `Free some space (the build cache at ${cacheDir()} can be deleted at any time), then run the same command again.`,
    });
  }
  return error;
}

/** Removes what a killed run left: entries `<prefix>…<pid>…` whose process is gone. */
async function removeLeftovers(directory: string, prefix: string): Promise<void> {
  const names = await readdir(directory).catch(() => [] as string[]);
  for (const name of names.filter((one) => one.startsWith(prefix))) {
    const pid = Number(/-(\d+)(?:-[^-]*)?$/.exec(name)?.[1]);
    if (pid > 0 && !isRunning(pid)) await rm(join(directory, name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
