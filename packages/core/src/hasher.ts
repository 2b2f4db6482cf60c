import type { CustomHasher, HasherContext } from '@nx/devkit';
import { createHash } from 'node:crypto';

/** Nx passes the task's environment too; its types do not say so yet. */
type Context = HasherContext & { env?: NodeJS.ProcessEnv };

/**
 * Hashes a target by its own configuration. Nx puts the configuration of the *whole* project into the
 * hash of each of its targets, so that a new container or another boot menu title would rebuild the
 * kernel; here only the target's own executor, options, outputs and `dependsOn` count. All else (files,
 * outputs of dependencies, runtime values, command-line overrides) stays as Nx computes it.
 *
 * Source: Nx's custom hashers (`hasher` in executors.json); instruction names as in Nx's hash plan.
 */
const hashTarget: CustomHasher = async (task, context) => {
  const { hasher, taskGraph, projectGraph, env } = context as Context;
  if (!taskGraph || !projectGraph) throw new Error(`${task.id}: Nx called the hasher without its graphs`);
  const hash = await hasher.hashTask({ ...task, overrides: thatCount(task.overrides) }, taskGraph, env ?? process.env);
  const { project, target, configuration = '' } = task.target;
  const config = projectGraph.nodes[project]?.data.targets?.[target];
  if (!config) throw new Error(`${task.id}: no such target in the project graph`);
  const options = thatCount({ ...config.options, ...config.configurations?.[configuration] });
  const own = JSON.stringify([config.executor, options, config.outputs, config.dependsOn]);
  const inputs = Object.entries(hash.details.nodes).filter(([name]) => !name.endsWith(PROJECT)).sort(([a], [b]) => (a < b ? -1 : 1));
  if (inputs.length === Object.keys(hash.details.nodes).length) throw new Error(`${task.id}: Nx's hash plan has no ${PROJECT}; adapt hasher.ts`);
  const value = createHash('sha256').update(JSON.stringify([hash.details.command, own, inputs])).digest('hex');
  const nodes = Object.fromEntries([...inputs, [`${task.id}:TargetConfiguration`, own]]);
  return { ...hash, value, details: { ...hash.details, nodes } };
};

/**
 * Options without who compiles, which changes no byte (docs/decisions/0008). A launcher given by its path may do
 * anything to an object: it counts.
 */
export function thatCount(options: Record<string, unknown>): Record<string, unknown> {
  const { compilerLauncher, ...others } = options;
  return typeof compilerLauncher === 'string' && compilerLauncher.startsWith('/') ? options : others;
}

const PROJECT = ':ProjectConfiguration';

export default hashTarget;
