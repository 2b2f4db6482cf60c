import type { ExecutorContext as NxContext } from '@nx/devkit';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { dependenciesOf, resolveContext, taskId, type TargetContext } from './context.ts';
import { BuildError, formatError } from './errors.ts';
import { requireBuildHost } from './host.ts';
import { requireOwnArtifacts } from './own-artifacts.ts';
import { explainSystemError, writtenPlaces } from './system-error.ts';

/** What Nx calls. */
export type NxExecutor<Options> = (options: Options, context: NxContext) => Promise<{ success: boolean }>;

/** An Nx executor without artifact, such as `run` or `update-sources`: same context, errors and interruption. */
export function defineCommand<Options>(work: (options: Options, context: TargetContext, nx: NxContext) => Promise<void>): NxExecutor<Options> {
  return async (options, nx) => {
    const abort = new AbortController();
    const reason = new BuildError('INTERRUPTED', 'interrupted; no incomplete files are left', { hint: 'Run the same command again to continue.' });
    const interrupt = (): void => abort.abort(reason);
    // Not once(): execa's clean-up ends the process at a signal that nobody else listens to any more.
    process.on('SIGINT', interrupt);
    process.on('SIGTERM', interrupt);
    try {
      requireBuildHost(taskId(nx));
      const dependencies = await dependenciesOf(nx);
      const context = resolveContext(nx, dependencies, abort.signal);
      await rm(context.logFile, { force: true });
      await requireOwnArtifacts(nx, dependencies, context);
      await work(options, context, nx);
      return { success: true };
    } catch (error) {
      process.stderr.write(`\n${formatError(abort.signal.aborted ? abort.signal.reason : explainSystemError(error, writtenPlaces(join(nx.root, 'dist'))))}\n`);
      return { success: false };
    } finally {
      process.off('SIGINT', interrupt);
      process.off('SIGTERM', interrupt);
    }
  };
}
