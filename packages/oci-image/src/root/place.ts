import { BuildError } from '@container-os/core';
import type { RootEntry } from './entry.ts';
import type { ImageRoot } from './image-root.ts';

/** Where a container's root stands in that of the OS, and which ids are its own. */
export interface Placement {
  /** Directory of the root: `containers/web/rootfs`. */
  below: string;
  /** The id outside that is 0 inside. */
  firstId: number;
  /** How many ids the container has. */
  ids: number;
}

/** Linux's PATH_MAX, without the NUL. */
const PATH_MAX = 4095;

/**
 * The root directory and all entries of `root`, as they stand in the root file system of the OS: paths below that of the container, ids of its range.
 *
 * @throws BuildError IMAGE_OWNER_OUT_OF_RANGE, IMAGE_PATH_TOO_LONG
 */
export function* placeRoot(root: ImageRoot, placement: Placement): Generator<RootEntry> {
  yield placeEntry(root.directory, placement);
  for (const entry of root.entries()) yield placeEntry(entry, placement);
}

/** One entry of {@link placeRoot}: for what a container's root gets besides its image. */
export function placeEntry<Placed extends RootEntry>(entry: Placed, { below, firstId, ids }: Placement): Placed {
  const owner = Math.max(entry.uid, entry.gid);
  if (owner >= ids) {
    throw new BuildError('IMAGE_OWNER_OUT_OF_RANGE', `"${entry.path}" belongs to ${entry.uid}:${entry.gid}; a container has the ids 0 to ${ids - 1}`, {
      hint:
        `Images use ids up to 65534 (nobody), so that each container has ${ids} ids of the host, which no other has. ` +
        'Change the owner in the Dockerfile (COPY --chown, RUN chown), and build the image anew.',
    });
  }
  const path = entry.path === '' ? below : `${below}/${entry.path}`;
  const bytes = Buffer.byteLength(path);
  if (bytes > PATH_MAX)
    throw new BuildError('IMAGE_PATH_TOO_LONG', `"${entry.path}" has ${bytes} bytes as a path of the OS, Linux takes ${PATH_MAX}`, {
      hint: 'Take another version of the image, or build the image anew with a shorter path.',
    });
  const capability = entry.xattrs?.[CAPABILITY];
  return {
    ...entry,
    path,
    uid: firstId + entry.uid,
    gid: firstId + entry.gid,
    ...(entry.type === 'file' && entry.hardLinkTo !== undefined ? { hardLinkTo: `${below}/${entry.hardLinkTo}` } : {}),
    ...(capability ? { xattrs: { ...entry.xattrs, [CAPABILITY]: placeCapability(capability, firstId) } } : {}),
  };
}

const CAPABILITY = 'security.capability';
const REVISION_3 = 0x03000000;

/**
 * Revision 3 names the root of the user namespace that it is for, as an id outside; revision 2 is for all.
 * Source: linux/capability.h, vfs_ns_cap_data.
 */
function placeCapability(base64: string, firstId: number): string {
  const value = Buffer.from(base64, 'base64');
  if (value.length !== 24 || (value.readUInt32LE(0) & 0xff000000) !== REVISION_3) return base64;
  value.writeUInt32LE(value.readUInt32LE(20) + firstId, 20);
  return value.toString('base64');
}
