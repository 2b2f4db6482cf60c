import { isOfOs } from '@container-os/compose-file/opt-outs';
import { posix } from 'node:path';
import { defined } from './defined.ts';
import type { Service, Workspace } from './model.ts';

type Mount = NonNullable<Service['volumes']>[number];

export function workspaceOf(services: Readonly<Record<string, Service>>, root: string, directory: string): Workspace {
  const mounted = Object.values(services).flatMap(({ volumes = [] }) => volumes.filter((one) => isOfWorkspace(one, { root, directory })));
  const written = [...new Set(mounted.flatMap(({ source = '', read_only }) => (read_only ? [] : [source])))];
  return { root, directory, written: written.filter((path) => !written.some((other) => other !== path && isBelow(path, other))) };
}

export function isBelow(path: string, directory: string): boolean {
  return path === directory || path.startsWith(`${directory}/`);
}

/** A bind of a file or folder that is copied in. `~` is no path of the workspace, wherever that lies. */
export function isOfWorkspace({ type, source = '' }: Mount, { root, directory }: Pick<Workspace, 'root' | 'directory'>): boolean {
  return type === 'bind' && isBelow(source, root) && !isBelow(source, `${directory}/~`);
}

/** A bind as a container's definition has it. */
export function bindOf(mount: Mount, workspace: Workspace): object {
  const { target, read_only, bind } = mount;
  const source = clean(mount.source ?? '');
  const common = { type: 'bind', target: clean(target), read_only: read_only || undefined };
  if (!isOfWorkspace(mount, workspace)) {
    const home = `${workspace.directory}/~`;
    // The home of root: the OS has no other people.
    return defined({ ...common, source: isBelow(source, home) ? `/root${source.slice(home.length)}` : source });
  }
  const from = copied(source, workspace);
  const subpath = posix.relative(from, source);
  return defined({
    ...common,
    source: relativeTo(workspace, from),
    'x-workspace': defined({
      subpath: subpath === '' ? undefined : subpath,
      kept: workspace.written.includes(from) ? posix.relative(workspace.root, from) : undefined,
      required: bind?.create_host_path === false || undefined,
    }),
  });
}

/** As engines take a path: without ".", ".." and "//", and without "/" at its end. */
export function clean(path: string): string {
  return path.startsWith('/') ? posix.resolve(path) : path;
}

/** Paths that the bundle of a service copies, relative to the image. */
export function copiedBy({ volumes = [] }: Service, workspace: Workspace): string[] {
  return [...new Set(volumes.flatMap((one) => (isOfWorkspace(one, workspace) ? [relativeTo(workspace, copied(one.source ?? '', workspace))] : [])))];
}

/** What is copied for a path: the path, or what a service writes to and has it below. All then see the same files. */
function copied(source: string, { written }: Workspace): string {
  return written.find((path) => isBelow(source, path)) ?? source;
}

function relativeTo({ directory }: Workspace, path: string): string {
  const relative = posix.relative(directory, path);
  return relative.startsWith('..') ? relative : `./${relative}`;
}

/** Whether a mount of a definition needs the data disk. */
export function isOnDisk({ type, source = '', 'x-workspace': copy }: { type: string; source?: string; 'x-workspace'?: { kept?: string } }): boolean {
  if (type !== 'bind') return type === 'volume';
  return copy ? copy.kept !== undefined : !isOfOs({ type, source }) && !GIVEN.includes(source);
}

const GIVEN = ['/etc/localtime', '/etc/timezone'];

/** Why the OS cannot have a bind; undefined: it can. `isRelative`: the file does not begin its path with a slash. */
export function bindFault(mount: Mount, isRelative: boolean, workspace: Workspace): { reason: string; hint: string } | undefined {
  const { source = '' } = mount;
  if (/^[A-Za-z]:[\\/]|^\\\\/.test(source))
    return { reason: `${source} is a path of Windows`, hint: 'Write a path of the workspace ("./data"), or an absolute one with /.' };
  if (isOfWorkspace(mount, workspace)) {
    if (!isBelow(workspace.root, source)) return undefined;
    return {
      reason: 'this is the whole workspace, with all that is built in it',
      hint: 'Mount the folders that the service needs: "./src:/app/src".',
    };
  }
  if (!isRelative || isBelow(source, `${workspace.directory}/~`)) return undefined;
  return {
    reason: 'the path is outside of the workspace, and nothing there is read',
    hint: 'Move the files into the workspace. Or write an absolute path, such as /srv/media: a directory of the data disk.',
  };
}
