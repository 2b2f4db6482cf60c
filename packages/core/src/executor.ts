import { rename, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { defineCommand, type NxExecutor } from './command.ts';
import { fileReader, hashedTarget, taskId, type BuildContext, type TargetContext } from './context.ts';
import { TASK_HASH } from './hash/dependencies.ts';
import type { Content } from './hash/target-inputs.ts';
import { hostToolsOf, type Recipe } from './hash/recipe.ts';
import { requireMachine } from './host.ts';
import { requireOutput } from './outputs.ts';
import { requireTools, toolPath, withPath } from './tool-path.ts';
import { writeManifest, type ManifestInput } from './manifest.ts';
import { readInputs, recordInputs, requireStillUnchanged, versionsOf, writeInputs } from './recorded-inputs.ts';
import { writeReason } from './reason.ts';
import { staged } from './staging.ts';

/** The two halves of an executor: a pure plan (JSON) and the work. */
export interface ExecutorDefinition<Options, Plan> {
  /** The content of `recipe.json` beside the executor; without one, the target reads no file of the image and calls no tool. */
  recipe?: Recipe;
  /** What it reads besides; its hasher takes the same function. */
  content?: Content;
  /** Options (defaults already filled in from schema.json by Nx) to a JSON plan: no file system, clock or environment. */
  plan(options: Options, context: Pick<TargetContext, 'image' | 'target' | 'dependsOn'>): Plan;
  /** Does the work of `plan` and says what was made. */
  run(plan: Plan, context: BuildContext): Promise<ManifestInput>;
  /** Files to move from `out` to the image's own directory, for example the ISO. */
  publish?(plan: Plan): string[];
}

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
    requireMachine(taskId(nx), recipe, tools);
    requireTools(tools, context.target);
    const path = await toolPath(tools);
    const { inputs, before } = await staged(destination, `${context.image}-${context.target}`, async ({ out, scratch }) => {
      // Before the work: what Nx hashed, not what is edited meanwhile.
      const hashed = { ...hashedTarget(nx), content: definition.content };
      const inputs = await recordInputs(hashed);
      const before = await readInputs(destination);
      const made = await withPath(path, () => definition.run(plan, { ...context, file, out, scratch }));
      context.signal.throwIfAborted();
      if (inputs) requireStillUnchanged(hashed, inputs);
      await writeManifest(out, made, versionsOf(inputs));
      if (inputs) await writeInputs(out, inputs);
      if (hashed.task.hash) await writeFile(join(out, TASK_HASH), `${hashed.task.hash}\n`);
      for (const file of definition.publish?.(plan) ?? []) await rename(join(out, file), join(dirname(destination), file));
      return { inputs, before };
    });
    if (inputs) await writeReason(context.logFile, inputs, before);
  });
}
