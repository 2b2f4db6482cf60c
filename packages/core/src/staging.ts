import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { exists, ifThere } from './files.ts';
import { cacheDir } from './paths.ts';

/** Where a run writes. */
export interface Staging {
  /** For the artifact. */
  out: string;
  /** For anything else. */
  scratch: string;
}

/**
 * Gives `work` an empty directory for the artifact, which takes the place of `destination` when it succeeds, and one for the rest. Both
 * are gone afterwards, whatever happens. What a killed run left is removed before, or put back.
 */
export async function staged<Result>(destination: string, name: string, work: (staging: Staging) => Promise<Result>): Promise<Result> {
  const [out, scratchRoot] = [`${destination}${PARTIAL}${process.pid}`, cacheDir('scratch')];
  await recover(destination);
  await removeLeftovers(scratchRoot, '');
  await mkdir(out, { recursive: true });
  await mkdir(scratchRoot, { recursive: true });
  const scratch = await mkdtemp(join(scratchRoot, `${name}-${process.pid}-`));
  try {
    const result = await work({ out, scratch });
    await replace(destination, out);
    return result;
  } finally {
    await rm(out, { recursive: true, force: true });
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Two renames, because no directory can be renamed over another: a run that is killed between them leaves the old artifact aside. */
async function replace(destination: string, out: string): Promise<void> {
  const old = `${destination}${REPLACED}${process.pid}`;
  await ifThere(rename(destination, old));
  await rename(out, destination).catch(async (error: unknown) => {
    await ifThere(rename(old, destination));
    throw error;
  });
  await rm(old, { recursive: true, force: true });
}

const PARTIAL = '.partial-';
const REPLACED = '.replaced-';

/** Puts an artifact back that a killed run left aside, and removes the rest. */
async function recover(destination: string): Promise<void> {
  const [directory, name] = [dirname(destination), basename(destination)];
  for (const old of await leftovers(directory, `${name}${REPLACED}`)) if (!(await exists(destination))) await rename(old, destination);
  for (const kind of [PARTIAL, REPLACED]) await removeLeftovers(directory, `${name}${kind}`);
}

async function removeLeftovers(directory: string, prefix: string): Promise<void> {
  for (const path of await leftovers(directory, prefix)) await rm(path, { recursive: true, force: true });
}

/** What a killed run left: entries `<prefix>…<pid>…` whose process is gone. */
async function leftovers(directory: string, prefix: string): Promise<string[]> {
  const names = (await ifThere(readdir(directory))) ?? [];
  const pidOf = (name: string): number => Number(/-(\d+)(?:-[^-]*)?$/.exec(name)?.[1]);
  return names.filter((name) => name.startsWith(prefix) && pidOf(name) > 0 && !isRunning(pidOf(name))).map((name) => join(directory, name));
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
