import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { basename, isAbsolute, join } from 'node:path';
import { BuildError } from './errors.ts';

/** What make, the kernel's makefiles, PATH or a configure script cannot have in the name of a directory. */
const UNUSABLE = /[\s:;#$%&|*?"'`\\<>()]/;

/**
 * Where sources, unpacked trees and scratch builds live between runs and clones:
 * `$CONTAINER_OS_CACHE`, else `$XDG_CACHE_HOME/container-os`, else `~/.cache/container-os`.
 * Nothing there is ever needed for a correct result: it may be deleted at any time.
 *
 * @throws BuildError CACHE_PATH_INVALID, before anything is fetched or unpacked.
 */
export function cacheDir(...below: string[]): string {
  const { CONTAINER_OS_CACHE, XDG_CACHE_HOME } = process.env;
  if (CONTAINER_OS_CACHE) return join(usable('CONTAINER_OS_CACHE', CONTAINER_OS_CACHE), ...below);
  if (XDG_CACHE_HOME) return join(usable('XDG_CACHE_HOME', XDG_CACHE_HOME), 'container-os', ...below);
  return join(usable('HOME', homedir()), '.cache/container-os', ...below);
}

/**
 * Where what a user made with an image of a workspace lies, such as its data disk: below `$XDG_STATE_HOME/container-os`, else
 * `~/.local/state/container-os`. Nothing here deletes it, and another clone has its own.
 *
 * Source: XDG Base Directory Specification; it ignores a relative path.
 */
export function stateDir(workspaceRoot: string, image: string): string {
  const { XDG_STATE_HOME: wanted = '' } = process.env;
  const workspace = `${basename(workspaceRoot)}-${createHash('sha256').update(workspaceRoot).digest('hex').slice(0, 8)}`;
  return join(isAbsolute(wanted) ? wanted : join(homedir(), '.local/state'), 'container-os', workspace, image);
}

function usable(variable: string, path: string): string {
  const fault = isAbsolute(path) ? UNUSABLE.exec(path)?.[0] : path;
  if (fault === undefined) return path;
  const expected = isAbsolute(path) ? `a path without ${JSON.stringify(fault)}, which make cannot have in one` : 'an absolute path';
  throw new BuildError('CACHE_PATH_INVALID', `${variable} is ${JSON.stringify(path)}, expected ${expected}: sources are unpacked and compiled below it`, {
    hint: 'Set CONTAINER_OS_CACHE to another directory, such as /var/tmp/container-os, then run the same command again.',
  });
}
