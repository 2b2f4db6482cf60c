import { BuildError } from '@container-os/core/errors';
import { isOfWorkspace, resolvePackage } from '@container-os/core/hash/modules';
import { readRecipe, type Recipe } from '@container-os/core/hash/recipe';
import { dirname, join } from 'node:path';
import { parseText, type Texts } from './texts.ts';

/** An executor, as far as a target that names it follows from it. */
export interface Plugin {
  /** `@container-os/kernel`. */
  packageName: string;
  description: string;
  recipe: Recipe;
  /** Defaults of its options. */
  defaults: Record<string, unknown>;
  /** Its package and those that this depends on, as far as they are projects of the workspace: what Nx has to watch for `affected`. */
  packages: string[];
}

interface PackageJson {
  name: string;
  executors?: string;
  dependencies?: Record<string, string>;
}

/**
 * Reads executors by name, such as `@container-os/kernel:kernel`, as the workspace resolves them.
 *
 * @throws BuildError EXECUTOR_MISSING
 */
export function pluginReader(workspaceRoot: string, texts: Texts): (executor: string) => Plugin {
  const plugins = new Map<string, Plugin>();
  const manifests = new Map<string, { file: string; json: PackageJson } | undefined>();

  const manifestOf = (packageName: string): { file: string; json: PackageJson } | undefined => {
    if (!manifests.has(packageName)) manifests.set(packageName, readManifest(packageName));
    return manifests.get(packageName);
  };

  function readManifest(packageName: string): { file: string; json: PackageJson } | undefined {
    try {
      const file = resolvePackage(packageName, workspaceRoot);
      return { file, json: parseText<PackageJson>(texts, file) };
    } catch (error) {
      if (['MODULE_NOT_FOUND', 'ERR_PACKAGE_PATH_NOT_EXPORTED'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
      throw error;
    }
  }

  /** Packages that have a recipe or share its scope. */
  function closure(packageName: string, found = new Set<string>()): Set<string> {
    if (found.has(packageName)) return found;
    found.add(packageName);
    const scope = packageName.split('/')[0] ?? '';
    for (const name of Object.keys(manifestOf(packageName)?.json.dependencies ?? {})) {
      if (name.startsWith(`${scope}/`) || name.startsWith('@container-os/')) closure(name, found);
    }
    return found;
  }

  /** An installed package is none: its version is in the lock file, which Nx watches. */
  function isProject(name: string): boolean {
    const file = manifestOf(name)?.file;
    return file !== undefined && isOfWorkspace(file, workspaceRoot);
  }

  function read(executor: string): Plugin {
    const [packageName = '', name = ''] = executor.split(':');
    const manifest = manifestOf(packageName);
    if (!manifest?.json.executors) throw missing(executor, `this workspace has no package ${packageName} with executors`);
    const directory = dirname(join(dirname(manifest.file), manifest.json.executors));
    const { executors } = parseText<{ executors: Record<string, { implementation: string; schema: string; description?: string } | undefined> }>(
      texts,
      join(dirname(manifest.file), manifest.json.executors),
    );
    const entry = executors[name];
    if (!entry) throw missing(executor, `${packageName} has ${Object.keys(executors).join(', ')}`);
    const { properties = {} } = parseText<{ properties?: Record<string, { default?: unknown }> }>(texts, join(directory, entry.schema));
    return {
      packageName,
      description: entry.description ?? executor,
      recipe: readRecipe(dirname(join(directory, entry.implementation)), texts.read),
      defaults: Object.fromEntries(Object.entries(properties).flatMap(([option, { default: value }]) => (value === undefined ? [] : [[option, value]]))),
      packages: [...closure(packageName)].filter(isProject).sort(),
    };
  }

  return (executor) => {
    const known = plugins.get(executor) ?? read(executor);
    plugins.set(executor, known);
    return known;
  };
}

/** The project of an executor's package; an installed package is none. */
export function projectOfPlugin({ packageName, packages }: Plugin): string[] {
  return packages.filter((name) => name === packageName);
}

function missing(executor: string, fault: string): BuildError {
  return new BuildError('EXECUTOR_MISSING', `executor "${executor}": ${fault}`, {
    hint: 'Install the package, or correct the name: "@scope/package:executor".',
  });
}
