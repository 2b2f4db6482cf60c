import { BuildError, parseJson } from '@container-os/core';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { Blob, Content } from '../content.ts';
import { compressionOf } from '../decompress.ts';
import { parseConfiguration } from '../manifest.ts';
import type { ImageLayer, ImageReceipt } from '../receipt.ts';
import { parseReference } from '../reference.ts';
import type { LayoutFiles } from './layout.ts';

/**
 * An image in `manifest.json` of an archive that `docker save` writes.
 *
 * Source: github.com/moby/docker-image-spec, v1.2, "Combined Image JSON + Filesystem Changeset Format".
 */
interface Saved {
  Config: string;
  RepoTags: string[] | null;
  Layers: string[];
}

/** What a receipt says of an image in a `docker save` archive. Such an archive has no manifest: the digest is that of the configuration. */
export async function readSaved(files: LayoutFiles, ref: string | undefined, platform: string): Promise<Pick<ImageReceipt, 'digest' | 'config' | 'layers'>> {
  const saved = selectSaved(await readAll(files), ref, files.place);
  const { bytes, place } = await configOf(files, saved);
  const { config, diffIds } = parseConfiguration(bytes, { layers: saved.Layers }, platform, place);
  const layers: ImageLayer[] = [];
  for (const [at, diffId] of diffIds.entries()) layers.push(await layerOf(await locate(files, saved.Layers[at] ?? ''), diffId));
  return { digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`, config, layers };
}

/** Layers by diff id: an archive has paths for them. */
export function savedContent(files: LayoutFiles, origin: Content['origin']): Content {
  return {
    origin,
    document: () => Promise.reject(new Error('a docker-archive has no documents by digest')),
    blob: async ({ digest, diffId }) => {
      for (const saved of await readAll(files)) {
        const { bytes, place } = await configOf(files, saved);
        const diffIds = (parseJson(place, Buffer.from(bytes).toString(), 'CONFIG_INVALID') as { rootfs?: { diff_ids?: string[] } }).rootfs?.diff_ids ?? [];
        const at = diffIds.indexOf(diffId);
        if (at >= 0) return locate(files, saved.Layers[at] ?? '');
      }
      throw missing(files, `a layer ${digest}`);
    },
  };
}

async function readAll(files: LayoutFiles): Promise<Saved[]> {
  const bytes = await files.read('manifest.json');
  if (!bytes) throw missing(files, 'manifest.json');
  const value = parseJson(`${files.place}: manifest.json`, Buffer.from(bytes).toString(), 'MANIFEST_INVALID', AGAIN) as Partial<Saved>[];
  const isSaved = ({ Config, Layers }: Partial<Saved>): boolean =>
    typeof Config === 'string' && Array.isArray(Layers) && Layers.every((one) => typeof one === 'string');
  if (Array.isArray(value) && value.every(isSaved)) return value as Saved[];
  throw new BuildError('MANIFEST_INVALID', `${files.place}: manifest.json is no list of images with Config and Layers`, { hint: AGAIN });
}

function selectSaved(all: readonly Saved[], ref: string | undefined, place: string): Saved {
  const nameOf = (text: string): string => parseReference(text).name;
  const found = ref === undefined ? all : all.filter(({ RepoTags }) => (RepoTags ?? []).some((tag) => nameOf(tag) === nameOf(ref)));
  const [only] = found;
  if (only && found.length === 1) return only;
  const names = all.flatMap(({ RepoTags, Config }) => (RepoTags?.length ? RepoTags : [Config]));
  throw new BuildError('IMAGE_NOT_FOUND', `${place} has ${found.length} images${ref === undefined ? '' : ` named ${JSON.stringify(ref)}`}, expected one`, {
    hint: `Name one after a colon. It has: ${names.join(', ') || 'none'}`,
  });
}

async function configOf(files: LayoutFiles, { Config }: Saved): Promise<{ bytes: Uint8Array; place: string }> {
  const bytes = await files.read(Config);
  if (!bytes) throw missing(files, Config);
  return { bytes, place: `${files.place}: ${Config}` };
}

async function layerOf(blob: Blob, diffId: string): Promise<ImageLayer> {
  const compression = await compressionOf(blob);
  const mediaType = `application/vnd.oci.image.layer.v1.tar${compression === 'none' ? '' : `+${compression}`}`;
  return { mediaType, digest: compression === 'none' ? diffId : await digestOf(blob), size: blob.size, diffId };
}

async function digestOf({ path, offset, size }: Blob): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { start: offset, end: offset + size - 1 }), hash);
  return `sha256:${hash.digest('hex')}`;
}

async function locate(files: LayoutFiles, path: string): Promise<Blob> {
  const blob = await files.locate(path);
  if (!blob) throw missing(files, path);
  return blob;
}

const AGAIN = 'Make the archive again: docker save, or skopeo copy … docker-archive:….';

function missing({ place }: LayoutFiles, what: string): BuildError {
  return new BuildError('BLOB_MISSING', `${place} has no ${what}`, { hint: AGAIN });
}
