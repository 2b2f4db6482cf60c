import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rename, rm, symlink } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BuildError } from './errors.ts';
import type { HostTools } from './hash/recipe.ts';
import { locateProgram, locateTool, toolOf, type Tool } from './hash/tools.ts';
import { cacheDir } from './paths.ts';

/**
 * What every command finds, as far as the machine has it: utilities of POSIX (IEEE 1003.1, XCU), and those of GNU coreutils that scripts
 * of sources call. Which ones they are changes no byte: the target `reproducible` builds with those of another userland.
 */
export const UTILITIES = [
  '[',
  'awk',
  'basename',
  'bash',
  'cat',
  'chmod',
  'chown',
  'cksum',
  'cmp',
  'comm',
  'cp',
  'cpio',
  'cut',
  'date',
  'dd',
  'df',
  'diff',
  'dirname',
  'du',
  'echo',
  'egrep',
  'env',
  'expr',
  'false',
  'fgrep',
  'file',
  'find',
  'fold',
  'getconf',
  'grep',
  'head',
  'hostname',
  'id',
  'install',
  'join',
  'kill',
  'link',
  'ln',
  'ls',
  'mkdir',
  'mkfifo',
  'mktemp',
  'mv',
  'nl',
  'nohup',
  'nproc',
  'od',
  'paste',
  'printf',
  'ps',
  'pwd',
  'readlink',
  'realpath',
  'rm',
  'rmdir',
  'sed',
  'seq',
  'sh',
  'sha256sum',
  'sleep',
  'sort',
  'split',
  'stat',
  'tail',
  'tee',
  'test',
  'timeout',
  'touch',
  'tr',
  'true',
  'truncate',
  'tsort',
  'tty',
  'uname',
  'uniq',
  'unlink',
  'wc',
  'which',
  'whoami',
  'xargs',
  'yes',
];

/** The names of `tools`, those of groups in place of the group. */
function each(tools: readonly string[], own?: Readonly<Record<string, Tool>>): string[] {
  return tools.flatMap((name) => {
    const group = name.endsWith('?') ? undefined : toolOf(name, own).group;
    return group ? each(group, own) : [name];
  });
}

/** The programs that a target needs, optional ones (`ccache?`) where the machine has them, by name. */
function programsOf({ tools = [], utilities = [], ownTools }: HostTools): Map<string, string> {
  const found = new Map<string, string>();
  const add = (name: string): void => {
    const { present, programs = [] } = toolOf(name, ownTools);
    const path = locateTool(name, ownTools);
    if (path !== undefined && present === undefined) found.set(name, path);
    programs.forEach(add);
  };
  for (const name of UTILITIES) {
    const path = locateProgram(name);
    if (path !== undefined) found.set(name, path);
  }
  for (const name of each([...tools, ...utilities], ownTools)) add(name.replace(/\?$/, ''));
  return found;
}

/** The tools among those that a target needs which the machine does not have. */
export function missingTools({ tools = [], utilities = [], ownTools }: HostTools): string[] {
  return each([...tools, ...utilities], ownTools).filter((name) => !name.endsWith('?') && locateTool(name, ownTools) === undefined);
}

/**
 * Passes when the machine has all that a target needs; else `HOST_TOOL_MISSING`, naming every one that is not there and the command that
 * installs them.
 */
export function requireTools(needed: HostTools, neededBy: string): void {
  const missing = missingTools(needed);
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map((name) => toolOf(name, needed.ownTools).deb ?? name))].sort();
  throw new BuildError(
    'HOST_TOOL_MISSING',
    `${missing.map((name) => `"${name}"`).join(', ')} not found (${neededBy} needs ${missing.length === 1 ? 'it' : 'them'})`,
    {
      hint: `On Debian and Ubuntu: apt-get install ${packages.join(' ')}. Elsewhere, the target doctor of an image has the command.`,
    },
  );
}

/**
 * A directory for PATH that has what a target needs, the {@link UTILITIES}, and nothing else: what a build looks for and what is not its
 * tool (rustc, pkg-config, git) is not there on any machine. Made once for each set of programs, in the user's cache.
 */
export async function toolPath(needed: HostTools): Promise<string> {
  const programs = [...programsOf(needed)].sort(([a], [b]) => (a < b ? -1 : 1));
  const key = createHash('sha256').update(JSON.stringify(programs)).digest('hex').slice(0, 16);
  const directory = cacheDir('path', key);
  if (existsSync(directory)) return directory;
  await mkdir(dirname(directory), { recursive: true });
  const partial = await mkdtemp(`${directory}-`);
  for (const [name, path] of programs) await symlink(path, join(partial, name));
  // Another process may have been first: its directory is the same.
  await rename(partial, directory).catch(() => rm(partial, { recursive: true }));
  return directory;
}

const current = new AsyncLocalStorage<string>();

/** Commands that `work` starts have `path` as their PATH. */
export function withPath<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  return current.run(path, work);
}

/** PATH of a command: that of the target's tools, or outside of a target the caller's. */
export function commandPath(): string {
  return current.getStore() ?? process.env['PATH'] ?? '';
}
