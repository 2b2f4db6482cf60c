import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, readSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Which files below `directory` are executable, where the file system does not say it: git found so when it made the work tree (`core.fileMode`
 * is false), as on disks of Windows that Linux has mounted, where each file is executable or none is. There git's index says it, and the first
 * bytes say it of a file that is in no index, as below node_modules. Undefined where modes can be trusted.
 */
export function modesBelow(directory: string): ((path: string) => boolean) | undefined {
  const start = realpathSync(directory);
  const root = workTreeOf(start);
  if (root === undefined || !ignoresModes(root)) return undefined;
  const modes = new Map(
    ask(root, ['ls-files', '--stage', '-z'])
      .split('\0')
      .map((line) => /^(\d+) \S+ \d\t(.*)$/s.exec(line) ?? [])
      .map(([, mode = '', path = '']) => [join(root, path), mode]),
  );
  return (path) => {
    const mode = modes.get(join(start, path));
    return mode === undefined ? beginsAsProgram(join(start, path)) : mode === '100755';
  };
}

function workTreeOf(directory: string): string | undefined {
  if (existsSync(join(directory, '.git'))) return directory;
  return directory === dirname(directory) ? undefined : workTreeOf(dirname(directory));
}

const known = new Map<string, boolean>();

/** Looked up once a process. On Linux git says in the work tree's configuration that modes count, and then is not asked. */
function ignoresModes(root: string): boolean {
  const config = join(root, '.git/config');
  const ignores =
    known.get(root) ??
    (!(existsSync(config) && /^\s*filemode = true$/m.test(readFileSync(config, 'utf8'))) &&
      ask(root, ['config', '--type=bool', '--default=true', '--get', 'core.fileMode']).trim() === 'false');
  known.set(root, ignores);
  return ignores;
}

/** '' where there is no git, or it does not like the work tree. */
function ask(root: string, args: string[]): string {
  try {
    return execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 1 << 28 });
  } catch {
    return '';
  }
}

function beginsAsProgram(file: string): boolean {
  const start = Buffer.alloc(4);
  const descriptor = openSync(file, 'r');
  try {
    readSync(descriptor, start);
  } finally {
    closeSync(descriptor);
  }
  return start.toString('latin1').startsWith('#!') || start.toString('latin1') === '\x7fELF';
}
