import { artifactsOf, filesOf } from '@container-os/core/hash/recipe';
import type { TargetConfiguration } from '@nx/devkit';
import { posix } from 'node:path';
import type { Plugin } from './plugins.ts';

/** A target before the facts of its recipe are filled in. */
export interface TargetPlan {
  executor: string;
  /** Default: that of the executor. */
  description?: string;
  options?: Record<string, unknown>;
  /** Options that differ, by configuration. */
  configurations?: Record<string, Record<string, unknown>>;
  /** What it waits for besides the artifacts that it reads. */
  dependsOn?: string[];
  /** Files that decide it and that no option names, relative to the project. */
  files?: string[];
}

/** Where a target stands. */
export interface Place {
  /** Of its project, relative to the workspace. */
  root: string;
  /** Of its artifacts, relative to the workspace: `dist/os-images/shop`. */
  artifacts: string;
  /** How `dependsOn` names the target that makes an artifact. */
  dependency(artifact: string): string | { target: string; projects: string[] };
}

/** The targets whose artifacts a target reads, in any of its configurations. */
export function reads({ options = {}, configurations = {} }: TargetPlan, { recipe, defaults }: Plugin): string[] {
  const variants = [{}, ...Object.values(configurations)];
  return [...new Set(variants.flatMap((variant) => artifactsOf(recipe, { ...defaults, ...options, ...variant }).map(({ target }) => target)))];
}

/** The target that Nx sees. */
export function completeTarget(name: string, plan: TargetPlan, plugin: Plugin, { root, artifacts, dependency }: Place): TargetConfiguration {
  const { executor, options = {}, configurations = {}, dependsOn = [] } = plan;
  const { recipe, defaults, description, packages } = plugin;
  const variants = [{}, ...Object.values(configurations)].map((variant) => ({ ...defaults, ...options, ...variant }));
  const targets = [...new Set([...reads(plan, plugin), ...dependsOn])];
  const named = variants.flatMap((variant) => filesOf({ files: [...(recipe.files ?? []), ...(recipe.content ?? [])] }, variant));
  const files = unique([...named, ...(plan.files ?? [])]);
  const globs = unique(variants.flatMap((variant) => artifactsOf(recipe, variant).map(({ glob }) => glob)));
  const cache = recipe.cache ?? true;
  return {
    executor,
    ...(cache ? { cache } : {}),
    ...(recipe.continuous ? { continuous: true } : {}),
    ...(recipe.parallelism === false ? { parallelism: false } : {}),
    ...(Object.keys(options).length > 0 ? { options } : {}),
    ...(Object.keys(configurations).length > 0 ? { configurations } : {}),
    ...(targets.length > 0 ? { dependsOn: targets.map(dependency) } : {}),
    ...(cache
      ? {
          inputs: [
            ...(packages.length > 0 ? [{ input: 'source', projects: packages }] : []),
            ...files.flatMap((file) => [input(root, file), `${input(root, file)}/**/*`]),
            ...globs.map((dependentTasksOutputFiles) => ({ dependentTasksOutputFiles })),
            { externalDependencies: [] },
          ],
          outputs: [name, ...(recipe.outputs ?? [])].map((output) => `{workspaceRoot}/${artifacts}/${output}`),
        }
      : // Else Nx would hash the files of the project and of all that it depends on for nothing, and fail at an installed base, of which it has no files.
        { inputs: [{ externalDependencies: [] }] }),
    metadata: { description: plan.description ?? description },
  };
}

/** A file or a directory of the project, or beside it. */
function input(root: string, path: string): string {
  return path.startsWith('../') ? `{workspaceRoot}/${posix.join(root, path)}` : posix.join('{projectRoot}', path);
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)].sort();
}
