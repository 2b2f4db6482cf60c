import type { Task } from '@nx/devkit';
import { execa } from 'execa';
import { readFile, readlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { globby } from 'globby';
import { sha256File } from './manifest.ts';

/**
 * What a target's hash was made of, in words: `inputs.json` beside every artifact. It travels with the artifact
 * through any cache. It holds no date, absolute path or host name, and nothing that is not in the hash: equal
 * hashes give equal bytes. Of environment variables only Nx's hash is kept: a value may be a secret.
 */
export interface RecordedInputs {
  /** sha256 by path, relative to the workspace. */
  files: Record<string, string>;
  /** The files of other targets' artifacts that count, in the same way. */
  artifacts: Record<string, string>;
  /** By tool: what it says of its version. Of other runtime inputs: by command, all of its output. */
  tools: Record<string, string>;
  /** Version by npm package. */
  npm: Record<string, string>;
  /** The target as configured, with options resolved: `executor`, `outputs`, `dependsOn`, and each option. */
  configuration: Record<string, unknown>;
  options: Record<string, unknown>;
  /** What the command line gave beside. */
  arguments: Record<string, unknown>;
  /** Nx's own hash of each entry of its hash plan: nothing can differ unseen. */
  plan: Record<string, string>;
}

/** What {@link recordInputs} takes of Nx. */
export interface HashedTarget {
  workspaceRoot: string;
  task: Pick<Task, 'overrides' | 'hashDetails'>;
  externalNodes?: Record<string, { data: { version: string } }> | undefined;
}

/**
 * Expands the hash plan that Nx and {@link file://./hasher.ts} made for a task: globs to files, runtime inputs to
 * their output, npm packages to versions. Undefined for a task without one (called outside of Nx).
 *
 * @example
 * const inputs = await recordInputs({ workspaceRoot, task, externalNodes: projectGraph.externalNodes });
 */
export async function recordInputs({ workspaceRoot, task, externalNodes = {} }: HashedTarget): Promise<RecordedInputs | undefined> {
  const plan = task.hashDetails?.nodes;
  if (!plan) return undefined;
  const { __overrides_unparsed__: _, ...overrides } = task.overrides as Record<string, unknown>;
  const inputs: RecordedInputs = { files: {}, artifacts: {}, tools: {}, npm: {}, configuration: {}, options: {}, arguments: overrides, plan: {} };
  for (const [name, value] of Object.entries(plan).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const [, head = '', rest = ''] = /^(.*?):(.*)$/s.exec(name) ?? [];
    if (name.endsWith(':TargetConfiguration')) {
      const [executor, options, outputs, dependsOn] = JSON.parse(value) as [string, Record<string, unknown>, unknown, unknown];
      Object.assign(inputs, { configuration: { executor, outputs, dependsOn }, options });
      continue;
    }
    inputs.plan[name] = value;
    if (head === 'runtime') Object.assign(inputs.tools, await runtime(rest, workspaceRoot));
    else if (head === 'npm') inputs.npm[rest] = externalNodes[name]?.data.version ?? value;
    else if (name.endsWith(':TsConfig')) Object.assign(inputs.files, await files(['tsconfig.base.json'], workspaceRoot));
    else if (head.includes('*')) Object.assign(inputs.artifacts, await artifacts(head, rest.split(','), workspaceRoot));
    else if (head === 'workspace') Object.assign(inputs.files, await files(rest.slice(1, -1).replaceAll('{workspaceRoot}/', '').split(','), workspaceRoot));
    else if (head !== 'env') Object.assign(inputs.files, await files(rest.split(','), workspaceRoot));
  }
  for (const part of ['files', 'artifacts', 'tools', 'npm'] as const) inputs[part] = Object.fromEntries(Object.entries(inputs[part]).sort(([a], [b]) => (a < b ? -1 : 1)));
  return inputs;
}

/** The inputs that the artifact in `directory` was made of; undefined when there is none. */
export async function readInputs(directory: string): Promise<RecordedInputs | undefined> {
  try {
    return JSON.parse(await readFile(join(directory, 'inputs.json'), 'utf8')) as RecordedInputs;
  } catch {
    return undefined;
  }
}

/** Writes `inputs.json` to `directory`. */
export async function writeInputs(directory: string, inputs: RecordedInputs): Promise<void> {
  await writeFile(join(directory, 'inputs.json'), serialize(inputs));
}

/** The bytes of `inputs.json`. */
export function serialize(inputs: RecordedInputs): string {
  return `${JSON.stringify(inputs, null, 2)}\n`;
}

/** A line of toolchain.sh is a tool and its version. */
async function runtime(command: string, cwd: string): Promise<Record<string, string>> {
  const { stdout } = await execa('sh', ['-c', command], { cwd, reject: false });
  if (!command.includes('core/bin/toolchain.sh')) return { [command]: stdout };
  const [machine = '', ...lines] = stdout.split('\n');
  return { machine, ...Object.fromEntries(lines.map((line) => line.split(/ (.*)/s, 2))) };
}

function files(patterns: string[], root: string): Promise<Record<string, string>> {
  return hashAll(patterns, root, { ignoreFiles: ['.gitignore', '.nxignore'] });
}

/** Nx matches the glob with paths from the workspace's root, of files in `outputs`. */
async function artifacts(glob: string, outputs: string[], root: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const output of outputs) {
    // What other tasks write beside it, at the same time, is never opened.
    const own = (path: string): boolean => path === output || path.startsWith(`${output}/`);
    Object.assign(found, await hashAll([glob.startsWith('**/') ? `${dirname(output)}/${glob}` : glob], root, { own }));
  }
  return found;
}

async function hashAll(patterns: string[], root: string, only: { ignoreFiles?: string[]; own?: (path: string) => boolean }): Promise<Record<string, string>> {
  const { ignoreFiles = [], own = () => true } = only;
  const options = { cwd: root, dot: true, ignoreFiles, onlyFiles: false, followSymbolicLinks: false, expandDirectories: false, objectMode: true } as const;
  const entries = await globby(patterns, options);
  const hashed: Record<string, string> = {};
  for (const { path, dirent } of entries) {
    if (dirent.isDirectory() || !own(path)) continue;
    hashed[path] = dirent.isSymbolicLink() ? `-> ${await readlink(join(root, path))}` : await sha256File(join(root, path));
  }
  return hashed;
}
