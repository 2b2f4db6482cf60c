import { join } from 'node:path';
import { globbySync } from 'globby';

/** Absolute path of the workspace. */
export const root = join(import.meta.dirname, '..');

const WHERE = { cwd: root, dot: true, gitignore: true, ignore: ['**/node_modules/**', '.git/**', 'dist/**', '.nx/**'] };

/** Every file that is, or would be, in the repository, but for symlinks to what this machine lacks: paths relative to {@link root}, sorted. */
export function repositoryFiles(): string[] {
  return globbySync('**/*', WHERE).sort();
}

/** As {@link repositoryFiles}, with symlinks as such, wherever they lead: those of the OS lead nowhere on this machine. */
export function repositoryEntries(): string[] {
  return globbySync('**/*', { ...WHERE, onlyFiles: false, followSymbolicLinks: false, markDirectories: true })
    .filter((path) => !path.endsWith('/'))
    .sort();
}
