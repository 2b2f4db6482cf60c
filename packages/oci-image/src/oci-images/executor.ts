import { BuildError, defineExecutor, exists, type BuildContext, type ManifestInput } from '@container-os/core';
import { storePath } from '@container-os/sources';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readImageLock } from '../lock.ts';
import { LIMITS, obtainLayer } from '../obtain-layer.ts';
import { resolveImage } from '../pull.ts';
import { writeImageReceipt, type ImageReceipt } from '../receipt.ts';
import { hexOf, parseReference } from '../reference.ts';
import { withPlace } from './place.ts';
import recipe from './recipe.json' with { type: 'json' };
import type { OciImagesOptions } from './schema.d.ts';

/** Brings the images of an OS image into the store; the receipts are what bundles hash. */
export default defineExecutor<OciImagesOptions, OciImagesOptions>({
  recipe,
  plan: (options) => options,
  run: pullImages,
});

async function pullImages({ images, platform, frozen, maxBytes }: OciImagesOptions, context: BuildContext): Promise<ManifestInput> {
  const lock = await readImageLock(context.file('images.lock.json'));
  const options = { platform, lock, frozen, project: context.image, imageRoot: context.imageRoot };
  const receipts: ImageReceipt[] = [];
  for (const [service, reference] of Object.entries(images)) {
    const pull = async (): Promise<ImageReceipt> => {
      const parsed = parseReference(reference);
      if (parsed.kind !== 'registry') context.file(parsed.path);
      return context.log.step(`pull ${reference}`, async (log) => {
        const found = await resolveImage(reference, options, { ...context, log });
        await pullLayers(found, maxBytes, { ...context, log });
        return found;
      });
    };
    const receipt = await pull().catch(async (error: unknown) => {
      throw await withPlace(error, service, reference, context);
    });
    await writeImageReceipt(join(context.out, `${service}.json`), receipt);
    receipts.push(receipt);
  }
  context.log.info(receipts.map(({ reference, digest }) => `${reference} ${digest}`).join(', '));
  return { name: 'oci-images', version: platform, licence: 'NOASSERTION', sources: receipts.map(manifestSource) };
}

/** A layer that is in the store is not read here: who takes it verifies it. */
async function pullLayers({ name, layers, origin }: ImageReceipt, maxBytes: number, context: BuildContext): Promise<void> {
  let left = maxBytes;
  for (const layer of layers) {
    const stored = storePath(hexOf(layer.diffId, name));
    const path = (await exists(stored)) ? stored : await obtainLayer(layer, origin, context, { ...LIMITS, bytes: left });
    left -= (await stat(path)).size;
    if (left < 0)
      throw new BuildError('IMAGE_TOO_LARGE', `${name}: its layers have more than ${maxBytes} bytes uncompressed`, {
        hint: 'Raise maxBytes of oci-images, or name a smaller image.',
      });
  }
}

function manifestSource({ name, digest }: ImageReceipt): { name: string; version: string; origin: string; sha256: string } {
  return { name, version: digest, origin: name, sha256: hexOf(digest, name) };
}
