import { statfsSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import prettyBytes from 'pretty-bytes';
import { BuildError } from './errors.ts';
import { cacheDir } from './paths.ts';

/** Below this, in bytes, a file system is full: a tool that failed has removed its last file since. */
const FULL = 16 << 20;

/**
 * Names what every part of a build can run into, with what the machine shows of the cause; other errors stay as they are.
 *
 * @param places where the build writes
 */
export function explainSystemError(error: unknown, places: readonly string[]): unknown {
  const { code, path, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') return diskFull(error, path === undefined ? places : [path]);
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return new BuildError('PERMISSION_DENIED', message, { cause: error, hint: path === undefined ? LOOK : ownerHint(path) });
  return error;
}

/** `DISK_FULL`, with which of the file systems of `places` is full, and of what. */
export function diskFull(cause: unknown, places: readonly string[]): BuildError {
  const systems = places.map((place) => ({ place, ...measure(place) }));
  const out = systems.filter(({ inodes }) => inodes === 0);
  const full = systems.filter(({ bytes }) => bytes < FULL);
  const first = [...out, ...full][0];
  const message = `no space left on the device: ${first?.place ?? places.join(', ')}`;
  return new BuildError('DISK_FULL', message, { cause, hint: `${spaceHint(first, out.length > 0, places)}, then run the same command again.` });
}

function spaceHint(first: (Space & { place: string }) | undefined, isInodes: boolean, places: readonly string[]): string {
  if (!first) {
    const left = places.map((place) => `${prettyBytes(measure(place).bytes)} in ${place}`);
    return `Left now that half-written files are removed: ${left.join(', ')}. Free more where that is too little, else look at your quota (quota -s)`;
  }
  const cache = userCache();
  const deletable = cache !== undefined && measure(cache).device === first.device ? ` (the build cache at ${cache} can be deleted at any time)` : '';
  if (isInodes) return `The file system of ${first.place} has no inodes left. Delete files there, however small${deletable}`;
  return `The file system of ${first.place} has ${prettyBytes(first.bytes)} left. Free some space there${deletable}`;
}

interface Space {
  bytes: number;
  /** Undefined where the file system does not count them. */
  inodes: number | undefined;
  device: number;
}

function measure(place: string): Space {
  const existing = nearest(place);
  const { bavail, bsize, files, ffree } = statfsSync(existing);
  return { bytes: bavail * bsize, inodes: files > 0 ? ffree : undefined, device: statSync(existing).dev };
}

/** A cache directory that is refused is no place to tell of. */
function userCache(): string | undefined {
  try {
    return cacheDir();
  } catch {
    return undefined;
  }
}

const LOOK = 'Give yourself access to that path, then run the same command again.';

/** The usual cause, a build as another user, is looked for; else the mode or the file system is it. */
function ownerHint(path: string): string {
  const existing = nearest(path);
  const [owner, user] = [statSync(existing).uid, process.getuid?.() ?? 0];
  if (user !== 0 && owner !== user)
    return `${existing} belongs to user ${owner}, and this is user ${user}. Change its owner or remove it, then run the same command again.`;
  return `${existing} belongs to the user of this process. Look at its mode, and whether it is mounted read-only: findmnt --target ${existing}`;
}

/** `path`, or the first directory above it that is there and may be looked at. */
function nearest(path: string): string {
  try {
    statSync(path);
    return path;
  } catch {
    return path === dirname(path) ? path : nearest(dirname(path));
  }
}

/** Where a build writes beside its artifacts. */
export function writtenPlaces(dist: string): string[] {
  const cache = userCache();
  return [dist, ...(cache === undefined ? [] : [cache]), tmpdir()];
}
