import type { CustomHasher, HasherContext } from '@nx/devkit';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DigestMemory } from './hash/memory.ts';
import { digestsOf, OWN, targetInputs } from './hash/target-inputs.ts';

/** Nx passes the task's environment too; its types do not say so yet. */
type Context = HasherContext & { env?: NodeJS.ProcessEnv };

/**
 * Hashes a target by what its executor reads, and by nothing else: its own executor, options, outputs and `dependsOn`; the modules that
 * run, the files that its options name, its tools and npm packages ({@link targetInputs}); and what Nx computes of the artifacts of the
 * targets that it depends on, of `runtime` and `env` inputs, and of the command line. The files among the target's `inputs`, and
 * the configuration of its whole project, do not count: Nx needs them for `affected` and for what it shows.
 *
 * Source: Nx's custom hashers (`hasher` in executors.json); names of inputs as in Nx's hash plan. docs/decisions/0001-target-hash.md
 */
const hashTarget: CustomHasher = async (task, context) => {
  const { hasher, taskGraph, projectGraph, env } = context as Context;
  if (!taskGraph || !projectGraph) throw new Error(`${task.id}: Nx called the hasher without its graphs`);
  const { project, target, configuration = '' } = task.target;
  const node = projectGraph.nodes[project]?.data;
  const config = node?.targets?.[target];
  if (!node || !config?.executor) throw new Error(`${task.id}: no such target in the project graph`);
  const hash = await hasher.hashTask({ ...task, overrides: hashedOptions(task.overrides) }, taskGraph, env ?? process.env);
  const all = Object.entries(hash.details.nodes);
  if (!all.some(([name]) => name.endsWith(':ProjectConfiguration')))
    throw new Error(`${task.id}: Nx's hash plan has another form than hasher.ts expects; adapt it`);
  const workspaceRoot = findWorkspaceRoot(process.cwd());
  const { __overrides_unparsed__: _, ...overrides } = task.overrides as Record<string, unknown>;
  const options = { ...config.options, ...config.configurations?.[configuration], ...overrides } as Record<string, unknown>;
  const inputs = targetInputs({ workspaceRoot, root: node.root, executor: config.executor, options, locked: projectGraph }, DigestMemory.of(workspaceRoot));
  const own = JSON.stringify([config.executor, hashedOptions(inputs.options), config.outputs, config.dependsOn]);
  const digests = Object.entries(digestsOf(inputs)).map(([name, digest]): [string, string] => [`${OWN}${name}`, digest]);
  const read = [...all.filter(([name]) => isRead(name)), ...digests].sort(([a], [b]) => (a < b ? -1 : 1));
  const value = createHash('sha256')
    .update(JSON.stringify([hash.details.command, own, read]))
    .digest('hex');
  const nodes = Object.fromEntries([...read, [`${task.id}:TargetConfiguration`, own]]);
  return { ...hash, value, details: { ...hash.details, nodes } };
};

/**
 * Whether an entry of Nx's hash plan is an artifact of another target (a glob), a command's output, or a variable; Nx adds a variable of its
 * own cloud to each plan.
 */
function isRead(name: string): boolean {
  if (name.startsWith('env:')) return !name.startsWith('env:NX_CLOUD_');
  return name.startsWith('runtime:') || name.slice(0, name.indexOf(':')).includes('*');
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

export default hashTarget;
