import type { CustomHasher, HasherContext, Task } from '@nx/devkit';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ARTIFACT, artifactsRead } from './hash/artifacts.ts';
import { findDependencies, foreignArtifacts, TASK_HASH, tasksBefore } from './hash/dependencies.ts';
import { DigestMemory } from './hash/memory.ts';
import { digestsOf, OWN, targetInputs, type Content } from './hash/target-inputs.ts';
import { isBuildHost } from './host.ts';
import { announceProgress } from './progress.ts';

/** Nx passes the task's environment too; its types do not say so yet. */
type Context = HasherContext & { env?: NodeJS.ProcessEnv };

/**
 * Hashes a target by what its executor reads, and by nothing else: its own executor, options, outputs, `dependsOn` and command line; the
 * modules that run, the files that its options name, its tools and npm packages ({@link targetInputs}); the artifacts of other targets that
 * its recipe and its inputs name ({@link artifactsRead}); and what Nx computes of `runtime` and `env` inputs. The files among the target's `inputs`, and
 * the configuration of its whole project, do not count: Nx needs them for `affected` and for what it shows.
 *
 * Source: Nx's custom hashers (`hasher` in executors.json). docs/decisions/0001-target-hash.md
 */
export async function hashTarget(task: Task, context: HasherContext, content?: Content): ReturnType<CustomHasher> {
  const { taskGraph, projectGraph, nxJsonConfiguration } = context as Context;
  if (!isBuildHost()) return refused(task);
  if (!taskGraph || !projectGraph) throw new Error(`${task.id}: Nx called the hasher without its graphs`);
  const { project, target, configuration = '' } = task.target;
  const node = projectGraph.nodes[project]?.data;
  const config = node?.targets?.[target];
  if (!node || !config?.executor) throw new Error(`${task.id}: no such target in the project graph`);
  const workspaceRoot = findWorkspaceRoot(process.cwd());
  announceProgress(workspaceRoot);
  const memory = DigestMemory.of(workspaceRoot);
  const { __overrides_unparsed__: _, ...overrides } = task.overrides as Record<string, unknown>;
  const options = { ...config.options, ...config.configurations?.[configuration], ...overrides } as Record<string, unknown>;
  const inputs = targetInputs({ workspaceRoot, root: node.root, executor: config.executor, outputs: task.outputs, options, content }, memory);
  const ofRecipe = inputs.artifacts.map((glob) => ({ dependentTasksOutputFiles: glob }));
  const declared = expandInputs(config.inputs ?? [], { ...nxJsonConfiguration?.namedInputs, ...node.namedInputs });
  const { graph: dependencies } = await findDependencies(task.id, taskGraph, projectGraph);
  const foreign = foreignArtifacts(tasksBefore(task.id, taskGraph), workspaceRoot);
  const own = JSON.stringify([config.executor, hashedOptions(inputs.options), config.outputs, config.dependsOn]);
  const nodes = {
    ...named(OWN, digestsOf(inputs)),
    ...named(ARTIFACT, artifactsRead([...declared, ...ofRecipe], task.id, dependencies, workspaceRoot, memory)),
    // No result is cached for an artifact of another task: the executor runs, and refuses it.
    ...named(ARTIFACT, Object.fromEntries(foreign.map(({ directory, expected }) => [`${directory}/${TASK_HASH}`, `is not ${expected}`]))),
    ...(declared.some(isAskedOfNx) ? await askNx(task, context as Context) : {}),
  };
  const read = Object.entries(nodes).sort(([a], [b]) => (a < b ? -1 : 1));
  const command = JSON.stringify([project, target, configuration, hashedOptions(overrides)]);
  const value = createHash('sha256')
    .update(JSON.stringify([command, own, read]))
    .digest('hex');
  return { value, details: { command, nodes: Object.fromEntries([...read, [`${task.id}:TargetConfiguration`, own]]), implicitDeps: {}, runtime: {} } };
}

/** Nothing is read on a machine where the executor refuses: the hash is nobody's. */
function refused({ id }: Task): Awaited<ReturnType<CustomHasher>> {
  const command = `${id} on ${process.platform}`;
  return { value: createHash('sha256').update(command).digest('hex'), details: { command, nodes: {}, implicitDeps: {}, runtime: {} } };
}

export type { Content };

function named(kind: string, digests: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(digests).map(([name, digest]) => [`${kind}${name}`, digest]));
}

/** `inputs` with the named ones, as `default`, replaced by what they stand for. Those of other projects (`^default`) are files: they do not count. */
function expandInputs(inputs: readonly unknown[], namedInputs: Record<string, readonly unknown[]>): object[] {
  return inputs.flatMap((input) => {
    if (typeof input === 'string') return expandInputs(namedInputs[input] ?? [], { ...namedInputs, [input]: [] });
    return typeof input === 'object' && input !== null ? [input] : [];
  });
}

/** What only Nx can tell: the output of a command, or a variable. */
function isAskedOfNx(input: object): boolean {
  return 'runtime' in input || 'env' in input;
}

/** Entries of Nx's own hash plan. It holds a variable of Nx's cloud in every workspace. */
async function askNx(task: Task, { hasher, taskGraph, env }: Context): Promise<Record<string, string>> {
  const { details } = await hasher.hashTask({ ...task, overrides: hashedOptions(task.overrides) }, taskGraph, env ?? process.env);
  const asked = Object.entries(details.nodes).filter(([name]) => /^(runtime:|env:(?!NX_CLOUD_))/.test(name));
  return Object.fromEntries(asked);
}

function findWorkspaceRoot(directory: string): string {
  if (existsSync(join(directory, 'nx.json')) || directory === dirname(directory)) return directory;
  return findWorkspaceRoot(dirname(directory));
}

/**
 * Options without `compilerLauncher`, which selects who compiles and cannot change a byte (docs/decisions/0008). A launcher given by its
 * path may do anything to an object: it counts.
 */
export function hashedOptions(options: Record<string, unknown>): Record<string, unknown> {
  const { compilerLauncher, ...others } = options;
  return typeof compilerLauncher === 'string' && compilerLauncher.startsWith('/') ? options : others;
}

const hasher: CustomHasher = (task, context) => hashTarget(task, context);

export default hasher;
