import { defineExecutor, type BuildContext, type ManifestInput } from '@container-os/core';
import { join } from 'node:path';
import { readImageLock } from '../lock.ts';
import { resolveImage, type PullOptions } from '../pull.ts';
import { writeImageReceipt, type ImageReceipt } from '../receipt.ts';
import { hexOf, parseReference } from '../reference.ts';
import { inParallel } from './in-parallel.ts';
import { withPlace } from './place.ts';
import { pullLayers } from './pull-layers.ts';
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
  const services = Object.entries(images);
  const receipts = await context.log.step(`pull ${services.length} images`, async (log) => {
    const found = await inParallel(services, context.signal, async ([service, reference], signal) =>
      resolve(reference, options, { ...context, log, signal }).catch(async (error: unknown) => {
        throw await withPlace(error, service, reference, context);
      }),
    );
    const placed = (error: unknown, image: ImageReceipt): Promise<unknown> =>
      withPlace(error, services[found.indexOf(image)]?.[0] ?? '', image.reference, context);
    await pullLayers(found, maxBytes, { ...context, log }, placed);
    return found;
  });
  for (const [index, receipt] of receipts.entries()) await writeImageReceipt(join(context.out, `${services[index]?.[0]}.json`), receipt);
  context.log.info(receipts.map(({ reference, digest }) => `${reference} ${digest}`).join(', '));
  return { name: 'oci-images', version: platform, licence: 'NOASSERTION', sources: receipts.map(manifestSource) };
}

async function resolve(reference: string, options: PullOptions, context: BuildContext): Promise<ImageReceipt> {
  const parsed = parseReference(reference);
  if (parsed.kind !== 'registry') context.file(parsed.path);
  return resolveImage(reference, options, context);
}

function manifestSource({ name, digest }: ImageReceipt): { name: string; version: string; origin: string; sha256: string } {
  return { name, version: digest, origin: name, sha256: hexOf(digest, name) };
}
