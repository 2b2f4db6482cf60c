import { basename, relative } from 'node:path';

/**
 * The command that starts this program, for hints and examples that can be pasted: `cache-server` where npm installed it, else
 * `node` and the file.
 *
 * @example
 * programName('/workspace/dist/packages/cache-server/src/main.js'); // 'node dist/packages/cache-server/src/main.js'
 */
export function programName(file = process.argv[1] ?? ''): string {
  const name = basename(file);
  return /^main\.[jt]s$/.test(name) ? `node ${relative('', file)}` : name;
}
