import { join } from 'node:path';
import { globbySync } from 'globby';

/** Absolute path of the workspace. */
export const root = join(import.meta.dirname, '..');

const OF_REPOSITORY = { cwd: root, dot: true, gitignore: true, ignore: ['**/node_modules/**', '.git/**', 'dist/**', '.nx/**'] };

/** Every file that is, or would be, in the repository: paths relative to {@link root}, sorted. */
export function repositoryFiles(): string[] {
  return globbySync('**/*', OF_REPOSITORY).sort();
}

/** As {@link repositoryFiles}, with symlinks that lead nowhere on this machine: the OS has some. */
export function repositoryEntries(): string[] {
  return globbySync('**/*', { ...OF_REPOSITORY, onlyFiles: false, markDirectories: true, followSymbolicLinks: false })
    .filter((path) => !path.endsWith('/'))
    .sort();
}
