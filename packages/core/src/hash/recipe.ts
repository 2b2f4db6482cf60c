import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Tool } from './tools.ts';

/**
 * The facts of a target, in `recipe.json` beside its executor: the hasher takes them to say what the target depends on,
 * `defineExecutor` to give the executor these things and no others, and the plugin to configure the target: its `dependsOn`, `inputs`,
 * `outputs` and `cache`.
 */
export interface Recipe {
  /** Receipts of `sources` that it reads, by name. */
  receipts?: readonly string[];
  /**
   * Files that it reads of other targets' artifacts, as globs by target. A target `{options.name}` is each that the option
   * lists; paths, which begin with a dot, are none. A glob `{options.name}.json` is one for each value of the option; without a value there is none.
   */
  artifacts?: Readonly<Record<string, readonly string[]>>;
  /** The files of the image that it reads. */
  files?: readonly FilesOfOption[];
  /** Files of which the executor's function `content` says what counts: the hash has that, and Nx knows them for `affected`. */
  content?: readonly FilesOfOption[];
  /**
   * Host tools that decide its bytes, by their names in `tools.json` of core: what they consist of is in the hash. `{options.name}` is the
   * tool that an option names, unless it is `none`.
   */
  tools?: readonly (string | ToolOfArtifact)[];
  /** Host tools that it needs and that cannot change a byte, because what they make is verified or only looked at: they have to be there. */
  utilities?: readonly string[];
  /** `x64`, the only machine that it runs on, because it starts programs of the OS. A target whose tools compile runs nowhere else either. */
  machine?: string;
  /** More of these facts where an option has a value: `{ "boot": { "iso-uefi": { "tools": ["ovmf"] } } }`. */
  when?: Readonly<Record<string, Readonly<Record<string, RecipeOfValue>>>>;
  /** Tools among these that `tools.json` of core does not have, with the same facts: a plugin brings them along. */
  ownTools?: Readonly<Record<string, Tool>>;
  /** What it makes besides the directory of its artifact: files next to that. `{projectName}` is the image's name. */
  outputs?: readonly string[];
  /** false: it runs whenever it is asked to. */
  cache?: boolean;
  /** true: it runs until it is ended; a target that depends on it starts meanwhile, and ends it. */
  continuous?: boolean;
  /** false: it runs alone, because others would change what it measures. */
  parallelism?: boolean;
}

/** What a target reads and needs besides where an option has one value. */
export type RecipeOfValue = Pick<Recipe, 'artifacts' | 'tools' | 'utilities'>;

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
  ownTools?: Readonly<Record<string, Tool>>;
}

/** The recipe beside an executor in `directory`. One without reads no file of the image and needs no tool. */
export function readRecipe(directory: string, read: (path: string) => string | undefined): Recipe {
  return JSON.parse(read(join(directory, 'recipe.json')) ?? '{}') as Recipe;
}

/**
 * A path relative to the project, with `{options.name}` for the values of an option: a list gives a path each, values that are no
 * text give none. With `paths`, an option that lists targets and paths: its paths, which begin with a dot.
 *
 * @example
 * "{options.fragments}"
 * { "paths": "rootfs" }
 */
export type FilesOfOption = string | { paths: string };

/** The paths that a target with these options reads, relative to its project, sorted and each once. They need not exist. */
export function filesOf({ files = [] }: Recipe, options: Record<string, unknown>): string[] {
  const found = files.flatMap((entry) => (typeof entry === 'string' ? expand(entry, options) : valuesOf(entry.paths, options).filter(isPath)));
  return [...new Set(found)].sort();
}

/** Other targets' files that a target reads: a glob of a path from the workspace's root, and the target. */
export interface ArtifactFiles {
  target: string;
  glob: string;
}

/**
 * The artifacts that a target with these options reads, its receipts among them.
 *
 * @example
 * artifactsOf({ receipts: ['linux'], artifacts: { 'kernel-config': ['config'] } }, {});
 * // [{ target: 'sources', glob: '**\/sources/linux.json' }, { target: 'kernel-config', glob: '**\/kernel-config/config' }]
 */
export function artifactsOf(recipe: Recipe, options: Record<string, unknown>): ArtifactFiles[] {
  const { receipts = [] } = recipe;
  const ofSources = receipts.map((name) => ({ target: 'sources', glob: `**/sources/${name}.json` }));
  const others = partsOf(recipe, options)
    .flatMap(({ artifacts = {} }) => Object.entries(artifacts))
    .flatMap(([template, globs]) =>
      expand(template, options)
        .filter((target) => !isPath(target))
        .flatMap((target) => globs.flatMap((glob) => expand(glob, options)).map((glob) => ({ target, glob: ofTarget(target, glob) }))),
    );
  return [...ofSources, ...others];
}

/** The ISO lies next to the directory of its target. */
function ofTarget(target: string, glob: string): string {
  return glob.endsWith('.iso') ? `**/${glob}` : `**/${target}/${glob}`;
}

/** What a target with these options needs of the host; `artifacts` is the directory of the image's artifacts. */
export function hostToolsOf(recipe: Recipe, options: Record<string, unknown>, artifacts: string): Required<HostTools> {
  const { ownTools = {} } = recipe;
  const parts = partsOf(recipe, options);
  const named = parts
    .flatMap(({ tools = [] }) => tools)
    .flatMap((entry) => {
      if (typeof entry === 'string') return expand(entry, options);
      return asksFor(join(artifacts, entry.file), entry.line) ? [entry.tool] : [];
    });
  return { tools: named.filter((name) => name !== 'none'), utilities: parts.flatMap(({ utilities = [] }) => utilities), ownTools };
}

/** The recipe itself, and what it says of the values that these options have. */
function partsOf(recipe: Recipe, options: Record<string, unknown>): RecipeOfValue[] {
  const { when = {} } = recipe;
  return [recipe, ...Object.entries(when).flatMap(([option, values]) => valuesOf(option, options).flatMap((value) => values[value] ?? []))];
}

function asksFor(file: string, line: string): boolean {
  return !existsSync(file) || new RegExp(`^(?:${line})$`, 'm').test(readFileSync(file, 'utf8'));
}

function expand(template: string, options: Record<string, unknown>): string[] {
  const name = /\{options\.(\w+)\}/.exec(template)?.[1];
  return name === undefined ? [template] : valuesOf(name, options).map((one) => template.replace(`{options.${name}}`, () => one));
}

function valuesOf(name: string, options: Record<string, unknown>): string[] {
  const value = options[name];
  return (Array.isArray(value) ? value : [value]).filter((one): one is string => typeof one === 'string' && one !== '');
}

function isPath(value: string): boolean {
  return value.startsWith('.');
}
