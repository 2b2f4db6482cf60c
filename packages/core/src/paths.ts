import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Where sources, unpacked trees and scratch builds live between runs and clones:
 * `$CONTAINER_OS_CACHE`, else `$XDG_CACHE_HOME/container-os`, else `~/.cache/container-os`.
 * Nothing there is ever needed for a correct result: it may be deleted at any time.
 */
export function cacheDir(...below: string[]): string {
  const base = process.env['CONTAINER_OS_CACHE'] ?? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'container-os');
  return join(base, ...below);
}
