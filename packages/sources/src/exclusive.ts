import { BuildError, type Step } from '@container-os/core';
import { setTimeout as sleep } from 'node:timers/promises';
import { lock } from 'proper-lockfile';

/** Milliseconds after which the lock of a killed process counts no more; a living one renews its lock twice as often. */
const STALE = 10_000;

/**
 * Runs `work` while no other process does the same to `path`: the others wait, as long as it takes.
 * The lock is a directory `<path>.lock`, so that it also holds between processes that share a file system only.
 * The signal handed to `work` is aborted, too, when the lock is lost (the machine was asleep).
 */
export async function exclusively<T>(path: string, { log, signal }: { log: Step; signal: AbortSignal }, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const lost = new AbortController();
  const onCompromised = (cause: Error): void =>
    lost.abort(new BuildError('LOCK_LOST', `another process took over ${path}`, { cause, hint: 'Run the same command again.' }));
  let release: (() => Promise<void>) | undefined;
  for (let waited = false; !release; waited = true) {
    signal.throwIfAborted();
    release = await lock(path, { stale: STALE, realpath: false, onCompromised }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ELOCKED') throw error;
      return undefined;
    });
    if (release) break;
    if (!waited) log.info(`waiting for another process that works on ${path}`);
    await sleep(200, undefined, { signal });
  }
  try {
    return await work(AbortSignal.any([signal, lost.signal]));
  } finally {
    if (!lost.signal.aborted) await release();
  }
}
