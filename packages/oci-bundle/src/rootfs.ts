import { BuildError } from '@container-os/core';
import { directoryEntry, fileEntry, merge, type Entry, type Layer } from '@container-os/cpio';
import type { OciConfig } from './oci-config.ts';
import { isVolume, type Mount } from './storage.ts';

/**
 * Merges `parts` into one tree; a later part overrides an earlier one. A directory only replaces a directory, and a file only
 * a file: a part with lib/x must not hide everything that another part has behind a symlink lib.
 *
 * @throws BuildError LAYER_CONFLICT.
 */
export function assembleRootfs(parts: readonly Layer[]): Entry[] {
  return parts.reduce<Entry[]>((below, { name, entries }) => {
    const types = new Map(below.map(({ path, type }) => [path, type]));
    const replaces = ({ path, type }: Entry): boolean => types.has(path) && (types.get(path) === 'directory') === (type === 'directory');
    return merge([
      { name: 'the parts before', entries: below },
      { name, entries, overrides: entries.filter(replaces).map(({ path }) => path) },
    ]);
  }, []);
}

/** What mounts are known to show, by their destination. */
export type Shown = ReadonlyMap<string, 'file' | 'directory'>;

/**
 * Mount points missing from `rootfs`: a directory each, or an empty file for a mount below /etc that is no volume, and for those that are
 * known to show a file.
 * The runtime would create them itself, but cannot on a read-only medium.
 */
export function mountPoints(rootfs: readonly Entry[], { mounts = [] }: OciConfig, shown: Shown = new Map()): Entry[] {
  // A container of another profile may be made from the root of this one.
  const paths = [...mounts.map(({ destination }) => destination), '/etc/hostname'].map((destination) => destination.replace(/^\/+|\/+$/g, ''));
  const outermost = paths.filter((path) => !paths.some((other) => path.startsWith(`${other}/`)));
  const there = new Set(rootfs.map(({ path }) => path));
  const isFile = (mount: Mount): boolean => shown.get(mount.destination) === 'file' || isFileOfOs(mount);
  const files = new Set(['etc/hostname', ...mounts.filter(isFile).map(({ destination }) => destination.slice(1))]);
  return [...new Set(outermost)]
    .filter((path) => path !== '' && !there.has(path))
    .map((path) => (files.has(path) ? fileEntry(path, '') : directoryEntry(path)));
}

/** Whether a mount is taken to show a file: a path of the OS below /etc. */
export function isFileOfOs(mount: Mount): boolean {
  return mount.destination.startsWith('/etc/') && mount.type !== 'tmpfs' && !isVolume(mount) && mount.source?.startsWith('/containers/') !== true;
}

/** /tmp, if `rootfs` made of parts lacks it and nothing is mounted there: an image for Docker has it, whatever else is missing. */
export function temporaryDirectory(rootfs: readonly Entry[], { mounts = [] }: OciConfig): Entry[] {
  const there = rootfs.some(({ path }) => path === 'tmp') || mounts.some(({ destination }) => destination === '/tmp');
  return there ? [] : [directoryEntry('tmp', 0o1777)];
}

/** Changes the owners of `entries` from ids in the container to ids outside. @throws BuildError CONTAINER_OWNER_INVALID for an id beyond the range. */
export function shiftIds(entries: readonly Entry[], { linux }: OciConfig): Entry[] {
  const [range] = linux?.uidMappings ?? [];
  if (!range) return [...entries];
  return entries.map((entry) => {
    if (Math.max(entry.uid, entry.gid) < range.size) return { ...entry, uid: entry.uid + range.hostID, gid: entry.gid + range.hostID };
    throw new BuildError('CONTAINER_OWNER_INVALID', `${entry.path} of the rootfs is owned by ${entry.uid}:${entry.gid}; expected ids below ${range.size}`, {
      hint: 'Change the owner of the file in the part of "rootfs" that contains it.',
    });
  });
}

/** Moves `entries` below `directory`; hard links among them are kept. */
export function moveBelow(directory: string, entries: readonly Entry[]): Entry[] {
  return entries.map((entry) => ({
    ...entry,
    path: `${directory}/${entry.path}`,
    ...(entry.type === 'file' && entry.hardLinkTo !== undefined ? { hardLinkTo: `${directory}/${entry.hardLinkTo}` } : {}),
  }));
}
