import { existsSync, readFileSync } from 'node:fs';
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
  tools?: readonly (string | ToolOfArtifact)[];
  /** Host tools that it needs and that cannot change a byte, because what they make is verified or only looked at: they have to be there. */
  utilities?: readonly string[];
}

/**
 * A tool that counts where another target's artifact asks for it: where `file` (`<target>/<path>`) has a line that `line`, a regular
 * expression, matches whole. It counts as well while that file is not there.
 *
 * @example
 * { "tool": "xz", "file": "kernel-config/config", "line": "CONFIG_KERNEL_XZ=y" }
 */
export interface ToolOfArtifact {
  tool: string;
  file: string;
  line: string;
}

/** Host tools by name, as a recipe's `tools` and `utilities` are for one target. */
export interface HostTools {
  tools?: readonly string[];
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

/** What a target with these options needs of the host; `artifacts` is the directory of the image's artifacts. */
export function hostToolsOf({ tools = [], utilities = [] }: Recipe, options: Record<string, unknown>, artifacts: string): Required<HostTools> {
  const named = tools.flatMap((entry) => {
    if (typeof entry === 'string') return expand(entry, options);
    return asksFor(join(artifacts, entry.file), entry.line) ? [entry.tool] : [];
  });
  return { tools: named.filter((name) => name !== 'none'), utilities };
}

function asksFor(file: string, line: string): boolean {
  return !existsSync(file) || new RegExp(`^(?:${line})$`, 'm').test(readFileSync(file, 'utf8'));
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
