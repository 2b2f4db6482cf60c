import { BuildError } from '@container-os/core';
import { directoryEntry, fileEntry, merge, type Entry, type Layer } from '@container-os/cpio';
import type { OciConfig } from './oci-config.ts';
import { VOLUMES } from './storage.ts';

/**
 * One tree of `parts`; where two have a path, the later one counts. Only a directory takes the place of
 * a directory: a part with lib/x must not hide all that another has behind a symlink lib.
 *
 * Errors: `LAYER_CONFLICT`.
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

/**
 * What `mounts` of which `rootfs` has nothing are mounted on: empty directories, and empty files for those of
 * /etc that are no volume. The runtime would make them itself, but not on a root that is read-only on its medium.
 */
export function mountPoints(rootfs: readonly Entry[], { mounts = [] }: OciConfig): Entry[] {
  const paths = mounts.map(({ destination }) => destination.replace(/^\/+|\/+$/g, ''));
  const outermost = paths.filter((path) => !paths.some((other) => path.startsWith(`${other}/`)));
  const there = new Set(rootfs.map(({ path }) => path));
  const volumes = new Set(mounts.filter(({ source }) => source?.startsWith(`${VOLUMES}/`)).map(({ destination }) => destination.slice(1)));
  return [...new Set(outermost)]
    .filter((path) => path !== '' && !there.has(path))
    .map((path) => (path.startsWith('etc/') && !volumes.has(path) ? fileEntry(path, '') : directoryEntry(path)));
}

/** `entries` owned by the ids that those of the container are outside; an id beyond its range is an error of its rootfs. */
export function shiftIds(entries: readonly Entry[], { linux }: OciConfig): Entry[] {
  const [range] = linux?.uidMappings ?? [];
  if (!range) return [...entries];
  return entries.map((entry) => {
    if (Math.max(entry.uid, entry.gid) < range.size) return { ...entry, uid: entry.uid + range.hostID, gid: entry.gid + range.hostID };
    throw new BuildError('CONTAINER_OWNER_INVALID', `${entry.path} of the rootfs is owned by ${entry.uid}:${entry.gid}, expected ids below ${range.size}`, {
      hint: 'Change its owner in the part of "rootfs" it comes from.',
    });
  });
}

/** `entries` below `directory`, hard links among them kept. */
export function moveBelow(directory: string, entries: readonly Entry[]): Entry[] {
  return entries.map((entry) => ({
    ...entry,
    path: `${directory}/${entry.path}`,
    ...(entry.type === 'file' && entry.hardLinkTo !== undefined ? { hardLinkTo: `${directory}/${entry.hardLinkTo}` } : {}),
  }));
}
