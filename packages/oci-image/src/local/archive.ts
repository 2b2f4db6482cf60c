import { BuildError, exists } from '@container-os/core';
import { open } from 'node:fs/promises';
import { posix } from 'node:path';
import type { Blob } from '../content.ts';
import { compressionOf } from '../decompress.ts';
import { LONGEST_MANIFEST } from '../manifest.ts';
import { readTar } from '../tar/read.ts';
import type { LayoutFiles } from './layout.ts';

/**
 * The files of an uncompressed tar archive, by path. Only its headers are read. Links within it are followed: `docker save` had them.
 *
 * @throws BuildError ARCHIVE_MISSING, ARCHIVE_COMPRESSED, TAR_DAMAGED
 */
export async function openArchive(path: string): Promise<LayoutFiles> {
  if (!(await exists(path))) throw new BuildError('ARCHIVE_MISSING', `${path}: no such file`, { hint: 'Make the archive with docker save or skopeo copy.' });
  const compression = await compressionOf({ path, offset: 0, size: 4 });
  if (compression !== 'none')
    throw new BuildError('ARCHIVE_COMPRESSED', `${path} is compressed as a whole (${compression}), expected a tar archive`, {
      hint: `Uncompress it: ${compression === 'gzip' ? 'gunzip' : 'zstd -d'} ${path}`,
    });
  const members = new Map<string, Blob | string>();
  for (const { name, type, linkname, offset, size } of readTar(path)) {
    const member = posix.normalize(`/${name.toString()}`);
    if (type === 'file') members.set(member, { path, offset, size });
    if (type === 'symlink') members.set(member, posix.resolve(posix.dirname(member), linkname.toString()));
    if (type === 'link') members.set(member, posix.normalize(`/${linkname.toString()}`));
  }
  const locate = (name: string): Promise<Blob | undefined> => Promise.resolve(follow(members, posix.normalize(`/${name}`)));
  return {
    place: path,
    locate,
    read: async (name) => {
      const blob = await locate(name);
      return blob && readBlob(blob, `${path}: ${name}`);
    },
  };
}

/** At most as many links as there are members: beyond that, they go round. */
function follow(members: ReadonlyMap<string, Blob | string>, name: string): Blob | undefined {
  let found = members.get(name);
  for (let links = members.size; links > 0 && typeof found === 'string'; links--) found = members.get(found);
  return typeof found === 'string' ? undefined : found;
}

async function readBlob({ path, offset, size }: Blob, place: string): Promise<Uint8Array> {
  if (size > LONGEST_MANIFEST)
    throw new BuildError('MANIFEST_INVALID', `${place} has ${size} bytes, expected ${LONGEST_MANIFEST} at most`, { hint: 'Make the archive again.' });
  const file = await open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(size), 0, size, offset);
    return buffer;
  } finally {
    await file.close();
  }
}
