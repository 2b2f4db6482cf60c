import type { ExecutorContext as NxContext, Task } from '@nx/devkit';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { taskId, type TargetContext } from './context.ts';
import { BuildError } from './errors.ts';
import { foreignArtifacts, TASK_HASH, tasksBefore, type Dependencies, type ForeignArtifact } from './hash/dependencies.ts';

/**
 * Passes when every artifact that the task may read is what its dependencies made in this run, and warns of those that the run leaves out.
 *
 * @throws BuildError ARTIFACT_FOREIGN
 */
export async function requireOwnArtifacts(nx: NxContext, { leftOut }: Dependencies, { log, workspaceRoot, image }: TargetContext): Promise<void> {
  // Nx replays this line when the result comes from the cache: it speaks of the artifact, not of the run.
  if (leftOut.length > 0) log.warn(`made by a run that left out ${leftOut.join(', ')}: what they make was taken as it lay in dist`);
  if (nx.taskGraph) await requireArtifactsOf(tasksBefore(taskId(nx), nx.taskGraph), workspaceRoot, image);
}

/**
 * Passes when what lies in dist is what `tasks`, which Nx has hashed, made.
 *
 * @throws BuildError ARTIFACT_FOREIGN
 */
export async function requireArtifactsOf(tasks: readonly Task[], workspaceRoot: string, image: string): Promise<void> {
  const foreign = foreignArtifacts(tasks, workspaceRoot);
  if (foreign.length === 0) return;
  const what = foreign.map(({ id, directory, expected, found }) => {
    return `${directory} is not what ${id} makes: expected task hash ${expected.slice(0, 12)}, found ${found?.slice(0, 12) ?? 'none'}`;
  });
  throw new BuildError('ARTIFACT_FOREIGN', what.join('\n'), { hint: await hintFor(foreign, image) });
}

/** Nx's cache is looked at: an entry that is gone is the one cause that another run does not mend. */
async function hintFor(foreign: readonly ForeignArtifact[], image: string): Promise<string> {
  const { cacheDir } = await import('@nx/devkit');
  const lost = foreign.filter(({ expected, directory }) => !existsSync(join(cacheDir, expected, directory, TASK_HASH)));
  if (lost.length === 0) return `Something else wrote there since: run the same command again, with nothing else that builds ${image}.`;
  const commands = lost.map(({ id }) => `npx nx run ${id} --skip-nx-cache --exclude-task-dependencies`);
  return [
    `Nx knows ${lost.map(({ id }) => id).join(', ')} as built, but the files are gone from its cache, ${cacheDir}.`,
    'Build them anew, then run the same command again:',
    ...commands,
    'Or let Nx forget all that it has built here: npx nx reset',
  ].join('\n         ');
}
