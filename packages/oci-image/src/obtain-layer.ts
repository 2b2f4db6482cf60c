import { BuildError } from '@container-os/core';
import { storeFile } from '@container-os/sources';
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Transform } from 'node:stream';
import type { Blob, ImageContext } from './content.ts';
import { contentOf, formatOrigin } from './content-of.ts';
import { decompress } from './decompress.ts';
import type { ImageLayer, ImageOrigin } from './receipt.ts';
import { hexOf } from './reference.ts';

/** How much a layer may be uncompressed. Default: {@link LIMITS}. */
export interface Limits {
  /** Bytes. */
  bytes: number;
  /** So many times its compressed size, from `ratioFrom` bytes on. */
  ratio: number;
  ratioFrom: number;
}

export const LIMITS: Limits = { bytes: 20e9, ratio: 200, ratioFrom: 1e9 };

/**
 * The path of a layer's uncompressed tar, whose sha256 is the layer's diff id: from the store, or made of the blob, which comes from the store or
 * from where the image is. It is verified just now, and shared by all builds of this user: read it only.
 *
 * A target that calls it has `zstd` among the utilities of its recipe.
 *
 * @throws BuildError LAYER_DAMAGED, LAYER_TOO_LARGE, DIFF_ID_MISMATCH, CHECKSUM_MISMATCH, SIZE_MISMATCH, BLOB_MISSING, DISK_FULL, those of fetching.
 *
 * @example
 * const receipt = await readImageReceipt(join(context.artifact('oci-images'), 'web.json'));
 * for (const layer of receipt.layers) await obtainLayer(layer, receipt.origin, context);
 */
export async function obtainLayer(layer: ImageLayer, origin: ImageOrigin, context: ImageContext, limits: Partial<Limits> = {}): Promise<string> {
  const place = `layer ${layer.digest} of ${formatOrigin(origin)}`;
  // What is fetched is the tar itself.
  if (layer.digest === layer.diffId && 'registry' in origin) return (await (await contentOf(origin, context)).blob(layer)).path;
  return storeFile({ name: place, sha256: hexOf(layer.diffId, place) }, context, async (partial, signal) => {
    const blob = await (await contentOf(origin, context)).blob(layer);
    if (blob.size !== layer.size)
      throw new BuildError('SIZE_MISMATCH', `${place}: it has ${blob.size} bytes, expected ${layer.size}`, {
        hint: 'The file was damaged or changed: make it again.',
      });
    try {
      await unpack(blob, layer, partial, place, { ...LIMITS, ...limits }, { ...context, signal });
    } catch (error) {
      await rm(partial, { force: true });
      throw error;
    }
  });
}

async function unpack(blob: Blob, layer: ImageLayer, partial: string, place: string, limits: Limits, { log, signal }: ImageContext): Promise<void> {
  const [compressed, tar] = [createHash('sha256'), createHash('sha256')];
  const progress = log.progress(`unpack ${place}`, blob.size, 'bytes');
  let [read, written] = [0, 0];
  const before = new Transform({
    transform(chunk: Buffer, _encoding, next) {
      compressed.update(chunk);
      progress.update((read += chunk.length));
      next(null, chunk);
    },
  });
  const file = createWriteStream(partial);
  const after = new Transform({
    transform(chunk: Buffer, _encoding, next) {
      tar.update(chunk);
      written += chunk.length;
      next(excessOf(place, written, blob.size, limits) ?? null, chunk);
    },
  });
  await decompress(blob, before, [after, file], place, signal).finally(() => progress.stop());
  const digest = `sha256:${compressed.digest('hex')}`;
  if (digest !== layer.digest)
    throw new BuildError('CHECKSUM_MISMATCH', `${place}: expected ${layer.digest}, got ${digest}`, { hint: 'The file was damaged or changed: make it again.' });
  const diffId = `sha256:${tar.digest('hex')}`;
  if (diffId === layer.diffId) return;
  throw new BuildError('DIFF_ID_MISMATCH', `${place}: uncompressed it is ${diffId}, and the image's configuration expects ${layer.diffId}`, {
    hint: 'The image was pushed like this: have it built and pushed again.',
  });
}

function excessOf(place: string, written: number, size: number, { bytes, ratio, ratioFrom }: Limits): BuildError | undefined {
  const tooLarge = (what: string, hint: string): BuildError => new BuildError('LAYER_TOO_LARGE', `${place}: uncompressed it has ${what}`, { hint });
  if (written > bytes)
    return tooLarge(`more than the allowed ${bytes} bytes`, 'Name another image. If this one is meant to be so large, raise "maxBytes" in x-os.ociImages.');
  if (written > ratioFrom && written > ratio * size)
    return tooLarge(`more than ${ratio} times its ${size} bytes`, 'Such a layer is made to fill disks. Name another image.');
  return undefined;
}
