import { createHash, scryptSync } from 'node:crypto';
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { walk } from '../walk.ts';
import type { DigestMemory } from './memory.ts';
import { moduleGraph, resolvePackage, stablePath } from './modules.ts';
import { npmVersions } from './npm-packages.ts';
import { artifactsOf, filesOf, hostToolsOf, readRecipe } from './recipe.ts';
import { toolInput, type ToolInput } from './tools.ts';

/** A target, as far as what it reads depends on it. */
export interface TargetOfExecutor {
  workspaceRoot: string;
  /** Of the project, relative to the workspace. */
  root: string;
  /** `@container-os/kernel:kernel`. */
  executor: string;
  /** The target's, relative to the workspace; the directory of its artifact is one of them. */
  outputs: readonly string[];
  /** With the configuration's merged in, without the schema's defaults. */
  options: Record<string, unknown>;
  content?: Content | undefined;
}

/**
 * What an executor reads and no path of an option names: values by name, such as the environment of a service. They may be secret: only
 * salted digests of them are recorded.
 */
export type Content = (options: Record<string, unknown>, place: { workspaceRoot: string; root: string }) => Record<string, string>;

/** All that a target reads of the workspace and the machine, and where it reads other targets' artifacts. */
export interface TargetInputs {
  /** Options with the schema's defaults filled in. */
  options: Record<string, unknown>;
  /** By path, relative to the workspace, or below node_modules as {@link stablePath} has it: the code, which is read when it is loaded. */
  modules: Record<string, string>;
  /** In the same way: what belongs to the code and is read when it runs. */
  data: Record<string, string>;
  /** By path, relative to the workspace: what the options name, and all that is below a directory. */
  files: Record<string, string>;
  tools: Record<string, ToolInput>;
  /** Salted digests of values that the options name, by name. */
  content: Record<string, string>;
  /** Version by npm package. */
  npm: Record<string, string>;
  /** Globs of the files of other targets' artifacts. */
  artifacts: string[];
}

interface ExecutorEntry {
  implementation: string;
  schema: string;
  [key: string]: unknown;
}

/** How TypeScript is run on Node 20; built packages are JavaScript. */
const CONFIGURATION = ['tsconfig.base.json', 'tsconfig.json'];

/**
 * Reads what the executor of a target reads. The hasher and the executor itself both call this: what they get is equal unless something
 * was edited in between.
 */
export function targetInputs({ workspaceRoot, root, executor, outputs, options, content }: TargetOfExecutor, memory: DigestMemory): TargetInputs {
  const { entry, directory } = memory.recently(`executor ${executor}`, () => findExecutor(executor, workspaceRoot));
  const implementation = join(directory, entry.implementation);
  const schemaFile = join(directory, entry.schema);
  const graph = moduleGraph(implementation, workspaceRoot, memory);
  const configuration = implementation.endsWith('.ts') ? CONFIGURATION.map((name) => join(workspaceRoot, name)) : [];
  const resolved = { ...defaultsOf(schemaFile), ...options };
  const recipe = readRecipe(dirname(implementation), (file) => (existsSync(file) ? readFileSync(file, 'utf8') : undefined));
  const { tools, ownTools } = hostToolsOf(recipe, resolved, join(workspaceRoot, dirname(outputs[0] ?? '')));
  const digest = (path: string): [string, string][] => memory.recently(`digest ${path}`, () => digestPath(path, workspaceRoot, memory));
  return {
    options: resolved,
    modules: Object.fromEntries([...graph.modules, schemaFile, ...configuration].flatMap(digest)),
    data: Object.fromEntries(graph.data.flatMap(digest)),
    files: Object.fromEntries(filesOf(recipe, resolved).flatMap((path) => digest(join(workspaceRoot, root, path)))),
    tools: Object.fromEntries(
      tools.map((name) => {
        const key = `tool ${name} ${JSON.stringify(ownTools[name] ?? '')} on ${process.env['PATH']}`;
        return [name, memory.recently(key, () => toolInput(name, memory, ownTools))];
      }),
    ),
    artifacts: artifactsOf(recipe, resolved).map(({ glob }) => glob),
    content: digestContent(content?.(resolved, { workspaceRoot, root }) ?? {}, root),
    npm: memory.recently(`npm ${graph.packages.join()}`, () => npmVersions(graph.packages, memory)),
  };
}

/** One entry of executors.json decides which code runs; the others do not. */
function findExecutor(executor: string, workspaceRoot: string): { entry: ExecutorEntry; directory: string } {
  const [packageName = '', name = ''] = executor.split(':');
  const manifest = realpathSync(resolvePackage(packageName, workspaceRoot));
  const { executors = '' } = JSON.parse(readFileSync(manifest, 'utf8')) as { executors?: string };
  const file = join(dirname(manifest), executors);
  const entry = (JSON.parse(readFileSync(file, 'utf8')) as { executors: Record<string, ExecutorEntry> }).executors[name];
  if (!entry) throw new Error(`${file} has no executor "${name}"`);
  return { entry, directory: dirname(file) };
}

/** As Nx fills them in before it calls the executor. */
function defaultsOf(schemaFile: string): Record<string, unknown> {
  const { properties = {} } = JSON.parse(readFileSync(schemaFile, 'utf8')) as { properties?: Record<string, { default?: unknown }> };
  return Object.fromEntries(Object.entries(properties).flatMap(([name, { default: value }]) => (value === undefined ? [] : [[name, value]])));
}

/** A fast digest of a short secret can be guessed: these are slow on purpose. */
function digestContent(values: Record<string, string>, root: string): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, scryptSync(value, `container-os ${root} ${name}`, 32).toString('hex')]));
}

/** A file, or a directory with all below, by what an executor can see of it; one that is not there counts as well. */
function digestPath(path: string, workspaceRoot: string, memory: DigestMemory): [string, string][] {
  const name = stablePath(path, workspaceRoot);
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  if (!stat) return [[name, 'missing']];
  if (stat.isFile()) return [[name, memory.sha256(path, stat)]];
  if (!stat.isDirectory()) return [[name, 'neither file nor directory']];
  const entries: [string, string][] = [[`${name}/`, 'directory']];
  for (const found of walk(path)) {
    const below = `${name}/${found.path}`;
    if (found.type === 'file') entries.push([below, `${found.executable ? 'executable ' : ''}${memory.sha256(found.file, found.stat)}`]);
    else if (found.type === 'directory') entries.push([`${below}/`, 'directory']);
    else entries.push([below, found.type === 'symlink' ? `-> ${found.target}` : 'neither file, directory nor symlink']);
  }
  return entries;
}

/** Before the name of each entry of a hash plan that is made here and not by Nx. */
export const OWN = 'container-os:';

/** One digest for each part: what Nx keeps of a target's hash, however many files it has. */
export function digestsOf({ modules, data, files, content, tools, npm }: TargetInputs): Record<string, string> {
  const parts = {
    modules,
    data,
    files,
    ...(Object.keys(content).length > 0 ? { content } : {}),
    ...Object.fromEntries(Object.entries(tools).map(([name, tool]) => [`tool ${name}`, tool.files])),
    npm,
    machine: process.arch,
  };
  return Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, createHash('sha256').update(JSON.stringify(part)).digest('hex')]));
}
