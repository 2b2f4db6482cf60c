import { lstatSync, readdirSync, readlinkSync, type BigIntStats } from 'node:fs';
import { join } from 'node:path';
import { modesBelow } from './git-modes.ts';

/** One name below a directory. Its own fields are all that a plugin may read of it: owner, date and further mode bits differ between checkouts. */
export type Found = { /** Below the directory, with `/`. */ path: string; /** Where it is. */ file: string } & (
  | { type: 'file'; executable: boolean; stat: BigIntStats }
  | { type: 'directory' }
  | { type: 'symlink'; target: string }
  /** A socket, FIFO or device, or a name that is not UTF-8: no plugin takes one, but a hash must tell that one is there. */
  | { type: 'other' }
);

/**
 * All that is below `directory`, sorted by name in each directory, a directory before what is in it. The one walk of the project:
 * what an executor packs and what its target's hash holds are found by it, whatever git thinks of a file. Symlinks are not followed,
 * but for `directory` itself. Where the file system keeps no modes, git's index says what is executable.
 *
 * @throws Error those of node:fs (ENOENT, ENOTDIR, EACCES).
 *
 * @example
 * for (const found of walk('/image/rootfs')) if (found.type === 'file') console.log(found.path, found.executable);
 */
export function walk(directory: string): Generator<Found> {
  return walkBelow(directory, '', modesBelow(directory));
}

function* walkBelow(directory: string, below: string, isExecutable: ((path: string) => boolean) | undefined): Generator<Found> {
  const entries = readdirSync(directory, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    const file = join(directory, entry.name);
    if (entry.name.includes('\ufffd')) yield { path, file, type: 'other' };
    else if (entry.isDirectory()) {
      yield { path, file, type: 'directory' };
      yield* walkBelow(file, path, isExecutable);
    } else if (entry.isSymbolicLink()) yield { path, file, type: 'symlink', target: readlinkSync(file) };
    else if (entry.isFile()) {
      const stat = lstatSync(file, { bigint: true });
      yield { path, file, type: 'file', executable: isExecutable?.(path) ?? (stat.mode & 0o100n) !== 0n, stat };
    } else yield { path, file, type: 'other' };
  }
}
