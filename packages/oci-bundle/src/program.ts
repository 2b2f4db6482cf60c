import { BuildError } from '@container-os/core';
import { bytesOf, type Entry } from '@container-os/cpio';
import { INIT, type OciConfig } from './oci-config.ts';

/** Linux's limit of symlinks in a path; beyond it is ELOOP. */
const SYMLINKS_MAX = 40;

/**
 * Refuses, with `CONTAINER_COMMAND_MISSING`, a program that the container could not start. The program is args[0], or
 * with an init the word after `--`. Looked up as execvp does, it must be an executable file of `rootfs`, and so must the
 * interpreter of a script. Programs on a mount are not checked.
 */
export function requireProgram(container: string, rootfs: readonly Entry[], { process, mounts = [] }: OciConfig): void {
  const files = new Map(rootfs.map((entry) => [entry.path, entry]));
  const command = (process.args[0] === INIT ? process.args[2] : process.args[0]) ?? '';
  const candidates = command.includes('/') ? [absolute(process.cwd, command)] : searchPath(process.env ?? []).map((directory) => `${directory}/${command}`);
  // Only bind mounts can contain programs; the runtime makes /dev, /proc and the like.
  if (mounts.some(({ type, destination }) => type === 'bind' && candidates.some((path) => path.startsWith(`${destination}/`)))) return;
  const faults: string[] = [];
  for (const path of candidates) {
    const fault = programFault(files, path);
    if (fault === undefined) return;
    faults.push(fault);
  }
  throw new BuildError(
    'CONTAINER_COMMAND_MISSING',
    `container "${container}" runs ${JSON.stringify(command)}: ${[...new Set(faults)].join('; ') || 'PATH is empty'}`,
    {
      hint: 'Add the program to a part of "rootfs", or correct "command".',
    },
  );
}

function programFault(files: ReadonlyMap<string, Entry>, path: string): string | undefined {
  const file = resolve(files, path);
  if (!file) return `its rootfs has no ${path}`;
  if (file.type !== 'file') return `${path} is a ${file.type}`;
  if ((file.mode & 0o111) === 0) return `${path} is not executable (mode 0${file.mode.toString(8)})`;
  const content = file.hardLinkTo === undefined ? file.data : (files.get(file.hardLinkTo) as typeof file).data;
  const interpreter = /^#!\s*(\S+)/.exec(Buffer.from(bytesOf(content.subarray(0, 256))).toString('latin1'))?.[1];
  if (interpreter !== undefined && !resolve(files, interpreter)) return `${path} is a script for ${interpreter}, which its rootfs does not have`;
  return undefined;
}

/** The entry at `path`, following symlinks within the root; undefined if there is none. */
function resolve(files: ReadonlyMap<string, Entry>, path: string): Entry | undefined {
  const todo = path.split('/');
  const done: string[] = [];
  let entry: Entry | undefined;
  for (let symlinks = 0; todo.length > 0;) {
    const part = todo.shift() ?? '';
    if (part === '' || part === '.') continue;
    if (part === '..') {
      done.pop();
      continue;
    }
    entry = files.get([...done, part].join('/'));
    if (!entry) return undefined;
    if (entry.type === 'symlink') {
      if (++symlinks > SYMLINKS_MAX) return undefined;
      if (entry.target.startsWith('/')) done.length = 0;
      todo.unshift(...entry.target.split('/'));
    } else {
      done.push(part);
    }
  }
  return entry;
}

function absolute(cwd: string, path: string): string {
  return path.startsWith('/') ? path : `${cwd}/${path}`;
}

function searchPath(env: readonly string[]): string[] {
  const path = env.find((one) => one.startsWith('PATH='));
  return path
    ? path
        .slice('PATH='.length)
        .split(':')
        .filter((directory) => directory !== '')
    : [];
}
