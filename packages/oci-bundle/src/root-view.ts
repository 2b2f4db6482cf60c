import { posix } from 'node:path';
import type { Entry, FileEntry } from '@container-os/cpio';
import type { OciConfig } from './oci-config.ts';
import { isBind, type Mount } from './storage.ts';

/** As in Linux: so many symlinks on the way, then ELOOP. */
const SYMLINKS_MAX = 40;
const MASK = 'maskedPaths';

/** What is at a path, why nothing is, or the mount in which it lies: what that has is known to the OS alone. */
export type Found = { path: string; entry: Entry } | { mount: Mount } | { fault: string };

/** Entries by path, without leading slash. */
export type Root = Pick<ReadonlyMap<string, Entry>, 'get'>;

export function byPath(entries: readonly Entry[]): ReadonlyMap<string, Entry> {
  return new Map(entries.map((entry) => [entry.path, entry]));
}

/** The root file system of a container as its first process sees it: symlinks end in it, mounts hide what is below them. */
export class RootView {
  readonly #entries: Root;
  readonly #mounts: readonly Mount[];
  /** Programs of the OS that run before the container's own can fill a tmpfs. */
  readonly #hooks: boolean;
  readonly #user: { uid: number; gids: number[]; capabilities: string[] };

  constructor(entries: Root, { process, mounts = [], hooks, linux }: OciConfig) {
    this.#entries = entries;
    const masks = ((linux?.['maskedPaths'] ?? []) as string[]).map((destination) => ({ destination, type: MASK }));
    this.#mounts = [...mounts, ...masks].map((mount) => ({ ...mount, destination: canonical(entries, mount.destination) }));
    this.#hooks = hooks !== undefined;
    const { uid = 0, gid = 0, additionalGids = [] } = process.user ?? {};
    this.#user = { uid, gids: [gid, ...additionalGids], capabilities: process.capabilities?.effective ?? [] };
  }

  /** The root alone, before anything is mounted. */
  static withoutMounts(entries: Root): RootView {
    return new RootView(entries, { ociVersion: '', process: { args: [], cwd: '/' }, root: { path: '' } });
  }

  /** What is at `path`, an absolute one. With `search: false` the user need not be allowed to pass its directories. */
  find(path: string, { search = true } = {}): Found {
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
      const here = [...done, part].join('/');
      const mount = this.#mountOf(here, todo);
      if (mount) return { mount };
      entry = this.#entries.get(here);
      if (!entry) return { fault: `its rootfs has no ${path}` };
      if (entry.type === 'symlink') {
        if (++symlinks > SYMLINKS_MAX) return { fault: `${path} leads through more than ${SYMLINKS_MAX} symlinks` };
        if (entry.target.startsWith('/')) done.length = 0;
        todo.unshift(...entry.target.split('/'));
        continue;
      }
      const last = !todo.some((one) => one !== '' && one !== '.');
      if (!last && entry.type !== 'directory') return { fault: `its rootfs has no ${path}` };
      if (!last && search && !this.#maySearch(entry)) return { fault: this.#denied('search', `/${here}`, entry) };
      done.push(part);
    }
    const at = done.join('/');
    const found = at === '' ? ROOT : this.#entries.get(at);
    return found ? { path: `/${at}`, entry: found } : { fault: `its rootfs has no ${path}` };
  }

  /** Whether nothing is in `mount` when the program starts: only the runtime, which makes /dev, and hooks put something into a tmpfs. */
  isEmpty(mount: Mount): boolean {
    if (mount.type === MASK) return true;
    return mount.type === 'tmpfs' && !isBind(mount) && !this.#hooks && mount.destination !== '/dev' && !mount.options?.includes('tmpcopyup');
  }

  /** Why the user may not execute the file `entry` at `path`. */
  executeFault(path: string, entry: Entry): string | undefined {
    if ((entry.mode & 0o111) === 0) return `${path} is not executable (mode ${octal(entry)})`;
    return this.#user.capabilities.includes('CAP_DAC_OVERRIDE') || this.#hasBit(entry) ? undefined : this.#denied('execute', path, entry);
  }

  contentOf(file: FileEntry): FileEntry['data'] {
    const first = file.hardLinkTo === undefined ? file : this.#entries.get(file.hardLinkTo);
    return first?.type === 'file' ? first.data : file.data;
  }

  #maySearch(entry: Entry): boolean {
    return ['CAP_DAC_OVERRIDE', 'CAP_DAC_READ_SEARCH'].some((one) => this.#user.capabilities.includes(one)) || this.#hasBit(entry);
  }

  #hasBit({ mode, uid, gid }: Entry): boolean {
    if (uid === this.#user.uid) return (mode & 0o100) !== 0;
    return (mode & (this.#user.gids.includes(gid) ? 0o010 : 0o001)) !== 0;
  }

  #denied(verb: string, path: string, entry: Entry): string {
    const { uid, gids } = this.#user;
    return `user ${uid}:${gids[0]} may not ${verb} ${path} (owner ${entry.uid}:${entry.gid}, mode ${octal(entry)})`;
  }

  /** The last mount on or above a path counts: `here`, and what is left to go of it. */
  #mountOf(here: string, rest: readonly string[]): Mount | undefined {
    const on = (path: string, { destination }: Mount): boolean => destination === '/' || `${path}/`.startsWith(`${destination}/`);
    if (!this.#mounts.some((mount) => on(`/${here}`, mount))) return undefined;
    return this.#mounts.findLast((mount) => on(posix.normalize(`/${here}/${rest.join('/')}`), mount));
  }
}

/** An absolute path with the symlinks of the root resolved, as far as the root has it. */
export function canonical(root: Root, destination: string): string {
  let path = posix.resolve('/', destination);
  for (let symlinks = 0; symlinks < SYMLINKS_MAX; symlinks++) {
    const parts = path.slice(1).split('/');
    const links = parts.map((_, index) => root.get(parts.slice(0, index + 1).join('/')));
    const at = links.findIndex((entry) => entry?.type === 'symlink');
    const link = links[at];
    if (link?.type !== 'symlink') break;
    path = posix.resolve('/', ...parts.slice(0, at), link.target, ...parts.slice(at + 1));
  }
  return path;
}

const ROOT: Entry = { type: 'directory', path: '', mode: 0o755, uid: 0, gid: 0, mtime: 0 };

function octal({ mode }: Entry): string {
  return `0${mode.toString(8)}`;
}
