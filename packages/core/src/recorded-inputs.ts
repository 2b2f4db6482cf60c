import type { Task } from '@nx/devkit';
import { execa } from 'execa';
import { statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BuildError } from './errors.ts';
import { readRecord } from './files.ts';
import { ARTIFACT } from './hash/artifacts.ts';
import { DigestMemory } from './hash/memory.ts';
import { digestsOf, OWN, targetInputs, type Content, type TargetInputs } from './hash/target-inputs.ts';
import type { ToolInput } from './hash/tools.ts';

/**
 * What a target's hash was made of, in words: `inputs.json` beside every artifact. It travels with the artifact
 * through any cache. It holds no date, absolute path or host name, and nothing that is not in the hash: equal
 * hashes give equal bytes. Of environment variables only Nx's hash is kept: a value may be a secret.
 */
export interface RecordedInputs {
  /** By path, relative to the workspace: sha256, before it `executable` where the owner may execute it; `directory`, or where a symlink leads. */
  files: Record<string, string>;
  /** sha256 of the files of other targets' artifacts that count, by path. */
  artifacts: Record<string, string>;
  tools: Record<string, ToolInput>;
  /** Version by npm package. */
  npm: Record<string, string>;
  /** The target as configured: `executor`, `outputs`, `dependsOn`; and each option, with defaults. */
  configuration: Record<string, unknown>;
  options: Record<string, unknown>;
  /** Options of the command line. */
  arguments: Record<string, unknown>;
  /** Output by command, of `runtime` inputs that somebody added to the target. */
  runtime: Record<string, string>;
  /** Nx's own hash, or ours, of each entry of the hash plan: nothing can differ unseen. */
  plan: Record<string, string>;
}

/** What {@link recordInputs} takes of Nx. */
export interface HashedTarget {
  workspaceRoot: string;
  /** Of the project, relative to the workspace. */
  root: string;
  task: Pick<Task, 'id' | 'overrides' | 'hash' | 'hashDetails' | 'outputs'>;
  content?: Content | undefined;
}

/**
 * Expands the hash plan that Nx and {@link file://./hasher.ts} made for a task. Undefined for a task without one (called
 * outside of Nx).
 *
 * @throws BuildError INPUT_CHANGED when something was edited since it was hashed
 * @example
 * const inputs = await recordInputs({ workspaceRoot, root: 'os-images/demo-os', task });
 */
export async function recordInputs(hashed: HashedTarget): Promise<RecordedInputs | undefined> {
  const { workspaceRoot, task } = hashed;
  const own = ownConfiguration(hashed);
  if (!own) return undefined;
  const { executor, options, outputs, dependsOn, plan } = own;
  const inputs = requireUnchanged(hashed, own);
  const { __overrides_unparsed__: _, ...overrides } = task.overrides as Record<string, unknown>;
  const record: RecordedInputs = {
    files: sorted({ ...inputs.modules, ...inputs.data, ...inputs.files, ...contentOf(inputs) }),
    artifacts: artifactsOf(plan),
    tools: inputs.tools,
    npm: inputs.npm,
    configuration: { executor, outputs, dependsOn },
    options,
    arguments: overrides,
    runtime: {},
    plan,
  };
  for (const name of Object.keys(plan)) {
    const command = /^runtime:(.*)$/s.exec(name)?.[1];
    if (command !== undefined) record.runtime[command] = (await execa('sh', ['-c', command], { cwd: workspaceRoot, reject: false })).stdout;
  }
  return record;
}

/**
 * Passes when what a build has read is still what was hashed. Whoever edits a file of a container while its bundle is built gets an artifact
 * of either state, or of both; it must not be cached as that of one. Modules do not count any more: they were loaded before.
 *
 * @throws BuildError INPUT_CHANGED
 */
export function requireStillUnchanged(hashed: HashedTarget, since: RecordedInputs): void {
  const own = ownConfiguration(hashed);
  if (own) requireUnchanged(hashed, own, since);
}

function requireUnchanged({ workspaceRoot, root, task, content }: HashedTarget, own: OwnConfiguration, since?: RecordedInputs): TargetInputs {
  const memory = DigestMemory.of(workspaceRoot);
  memory.askAgain();
  const inputs = targetInputs({ workspaceRoot, root, executor: own.executor, outputs: task.outputs, options: own.options, content }, memory);
  const changed = [
    ...Object.entries(digestsOf(inputs)).flatMap(([name, digest]) => (own.plan[`${OWN}${name}`] === digest || (since && name === 'modules') ? [] : [name])),
    ...Object.entries(artifactsOf(own.plan)).flatMap(([path, sha256]) => (isSame(join(workspaceRoot, path), sha256, memory) ? [] : [path])),
  ];
  if (changed.length === 0) return inputs;
  const now: Record<string, string> = { ...inputs.data, ...inputs.files };
  const files = Object.keys({ ...since?.files, ...now }).filter((path) => since && since.files[path] !== now[path] && !(path in inputs.modules));
  throw new BuildError('INPUT_CHANGED', `${task.id}: changed while it was built: ${(files.length > 0 ? files : changed).slice(0, 10).join(', ')}`, {
    hint: 'Run the same command again; the result of this build was discarded.',
  });
}

/** Values are recorded as files that no workspace has. */
function contentOf({ content }: TargetInputs): Record<string, string> {
  return Object.fromEntries(Object.entries(content).map(([name, digest]) => [`environment ${name}`, digest]));
}

/** sha256 by path. */
function artifactsOf(plan: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(plan).flatMap(([name, sha256]) => (name.startsWith(ARTIFACT) ? [[name.slice(ARTIFACT.length), sha256]] : [])));
}

function isSame(file: string, sha256: string, memory: DigestMemory): boolean {
  const stat = statSync(file, { bigint: true, throwIfNoEntry: false });
  return stat !== undefined && memory.sha256(file, stat) === sha256;
}

interface OwnConfiguration {
  executor: string;
  options: Record<string, unknown>;
  outputs: unknown;
  dependsOn: unknown;
  plan: Record<string, string>;
}

function ownConfiguration({ task }: HashedTarget): OwnConfiguration | undefined {
  const nodes = task.hashDetails?.nodes;
  if (!nodes) return undefined;
  const entries = Object.entries(nodes).sort(([a], [b]) => (a < b ? -1 : 1));
  const configuration = entries.find(([name]) => name.endsWith(':TargetConfiguration'));
  if (!configuration) throw new Error(`${task.id}: its hash plan is not that of core's hasher`);
  const [executor, options, outputs, dependsOn] = JSON.parse(configuration[1]) as [string, Record<string, unknown>, unknown, unknown];
  return { executor, options, outputs, dependsOn, plan: Object.fromEntries(entries.filter((entry) => entry !== configuration)) };
}

function sorted<Value>(record: Record<string, Value>): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The versions of the programs that were hashed; what is no program has none. */
export function versionsOf(inputs: RecordedInputs | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(inputs?.tools ?? {}).flatMap(([name, { version }]) => (version === name ? [] : [[name, version]])));
}

/** The inputs that the artifact in `directory` was made of; undefined when there is none, or when another version of container-os wrote them. */
export async function readInputs(directory: string): Promise<RecordedInputs | undefined> {
  const inputs = await readRecord<RecordedInputs>(join(directory, 'inputs.json'));
  return inputs && 'runtime' in inputs ? inputs : undefined;
}

/** Writes `inputs.json` to `directory`. */
export async function writeInputs(directory: string, inputs: RecordedInputs): Promise<void> {
  await writeFile(join(directory, 'inputs.json'), serialize(inputs));
}

/** The bytes of `inputs.json`. */
export function serialize(inputs: RecordedInputs): string {
  return `${JSON.stringify(inputs, null, 2)}\n`;
}
