import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * The facts of a target, in `recipe.json` beside its executor: the hasher takes them to say what the target depends on, and
 * `defineExecutor` to give the executor these things and no others.
 */
export interface Recipe {
  /** The files of the image that it reads. */
  files?: readonly FilesOfOption[];
  /**
   * Host tools that decide its bytes, by their names in `tools.json` of core: what they consist of is in the hash. `{options.name}` is the
   * tool that an option names, unless it is `none`.
   */
  tools?: readonly string[];
  /** Host tools that it needs and that cannot change a byte, because what they make is verified or only looked at: they have to be there. */
  utilities?: readonly string[];
}

/**
 * A path relative to the project, with `{options.name}` for the values of an option: a list gives a path each, values that are no
 * text give none. With `paths`, the file is JSON, and has under that key a list of further paths beside it, those that begin with `./`.
 *
 * @example
 * "{options.fragments}"
 * { "file": "{options.definition}", "paths": "rootfs" }
 */
export type FilesOfOption = string | { file: string; paths: string };

/** The paths that a target with these options reads, relative to `root`, sorted and each once. They need not exist. */
export function filesOf({ files = [] }: Recipe, options: Record<string, unknown>, root: string): string[] {
  const found = files.flatMap((entry) => {
    if (typeof entry === 'string') return expand(entry, options);
    return expand(entry.file, options).flatMap((file) => [file, ...pathsIn(join(root, file), entry.paths).map((path) => join(dirname(file), path))]);
  });
  return [...new Set(found)].sort();
}

/** The recipe with its tools named. */
export function withToolsOf(recipe: Recipe, options: Record<string, unknown>): Recipe {
  return { ...recipe, tools: (recipe.tools ?? []).flatMap((name) => expand(name, options)).filter((name) => name !== 'none') };
}

function expand(template: string, options: Record<string, unknown>): string[] {
  const name = /\{options\.(\w+)\}/.exec(template)?.[1];
  if (name === undefined) return [template];
  const value = options[name];
  const values = (Array.isArray(value) ? value : [value]).filter((one): one is string => typeof one === 'string' && one !== '');
  return values.map((one) => template.replace(`{options.${name}}`, () => one));
}

/** A file that cannot be read so is the executor's to refuse. */
function pathsIn(file: string, key: string): string[] {
  try {
    const list = (JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>)[key];
    return Array.isArray(list) ? list.filter((path): path is string => typeof path === 'string' && path.startsWith('./')) : [];
  } catch {
    return [];
  }
}
