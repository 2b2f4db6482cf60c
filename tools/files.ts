import { join } from 'node:path';
import { globbySync } from 'globby';

/** Absolute path of the workspace. */
export const root = join(import.meta.dirname, '..');

/** Every file that is, or would be, in the repository: paths relative to {@link root}, sorted. */
export function repositoryFiles(): string[] {
  return globbySync('**/*', { cwd: root, dot: true, gitignore: true, ignore: ['**/node_modules/**', '.git/**', 'dist/**', '.nx/**'] }).sort();
}
