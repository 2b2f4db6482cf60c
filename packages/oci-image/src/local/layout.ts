import { BuildError, ifThere } from '@container-os/core';
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Content } from '../content.ts';
import { LONGEST_MANIFEST, parseManifest, type Descriptor } from '../manifest.ts';
import { hexOf } from '../reference.ts';

/** The files of an OCI layout, in a directory or in an archive. Source: image-spec 1.1, image-layout.md. */
export interface LayoutFiles {
  /** For messages. */
  place: string;
  /** Bytes of a file of a few megabytes at most, or undefined. */
  read(path: string): Promise<Uint8Array | undefined>;
  /** Where a file's bytes lie. */
  locate(path: string): Promise<{ path: string; offset: number; size: number } | undefined>;
}

const REF_NAME = 'org.opencontainers.image.ref.name';

export function layoutDirectory(directory: string): LayoutFiles {
  return {
    place: directory,
    read: (path) => ifThere(readFile(join(directory, path))),
    locate: async (path) => {
      const size = await ifThere(stat(join(directory, path)).then((found) => found.size));
      return size === undefined ? undefined : { path: join(directory, path), offset: 0, size };
    },
  };
}

/** The blobs of a layout; a document is verified here, a layer by who reads it. */
export function layoutContent(files: LayoutFiles, origin: Content['origin']): Content {
  const pathOf = (digest: string): string => `blobs/sha256/${hexOf(digest, files.place)}`;
  const missing = (digest: string): BuildError =>
    new BuildError('BLOB_MISSING', `${files.place} has no ${pathOf(digest)}`, { hint: 'The layout is not whole: make it again.' });
  return {
    origin,
    document: async ({ digest, size }) => {
      const bytes = await files.read(pathOf(digest));
      if (!bytes) throw missing(digest);
      return verifiedDocument(bytes, { digest, ...(size === undefined ? {} : { size }) }, `${files.place}/${pathOf(digest)}`);
    },
    blob: async ({ digest }) => {
      const blob = await files.locate(pathOf(digest));
      if (!blob) throw missing(digest);
      return blob;
    },
  };
}

export function verifiedDocument(bytes: Uint8Array, { digest, size }: { digest: string; size?: number }, place: string): Uint8Array {
  const hint = 'The file was damaged or changed: make it again.';
  const actual = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  if (actual !== digest) throw new BuildError('CHECKSUM_MISMATCH', `${place}: expected ${digest}, got ${actual}`, { hint });
  if (size !== undefined && bytes.length !== size) throw new BuildError('SIZE_MISMATCH', `${place}: it has ${bytes.length} bytes, expected ${size}`, { hint });
  return bytes;
}

/**
 * The descriptor in a layout's index.json that `ref` names; without one, the only one, or the index as a whole where its manifests differ by platform.
 *
 * @throws BuildError LAYOUT_INVALID, IMAGE_NOT_FOUND
 */
export async function entryOf(files: LayoutFiles, ref: string | undefined, select: (manifests: Descriptor[]) => Descriptor): Promise<Descriptor> {
  const bytes = await files.read('index.json');
  if (!bytes || bytes.length > LONGEST_MANIFEST)
    throw new BuildError('LAYOUT_INVALID', `${files.place} is no OCI layout: ${bytes ? 'index.json is too long' : 'it has no index.json'}`, {
      hint: 'An OCI layout has the files oci-layout and index.json, and blobs/sha256.',
    });
  const index = parseManifest(bytes, `${files.place}/index.json`);
  if (index.kind !== 'index')
    throw new BuildError('LAYOUT_INVALID', `${files.place}/index.json is a manifest, expected an index`, { hint: 'Make the layout again.' });
  const found = ref === undefined ? index.manifests : index.manifests.filter(({ annotations }) => annotations?.[REF_NAME] === ref);
  const [only] = found;
  if (only && found.length === 1) return only;
  if (found.length > 1 && found.every(({ platform }) => platform)) return select(found);
  const names = index.manifests.map(({ annotations, digest }) => annotations?.[REF_NAME] ?? digest);
  throw new BuildError(
    'IMAGE_NOT_FOUND',
    `${files.place} has ${found.length} images${ref === undefined ? '' : ` named ${JSON.stringify(ref)}`}, expected one`,
    {
      hint: `Name one after a colon. It has: ${names.join(', ') || 'none'}`,
    },
  );
}
