import { BuildError, ifThere, type Step } from '@container-os/core';
import { storePath } from '@container-os/sources';
import { stat } from 'node:fs/promises';
import type { ImageContext } from '../content.ts';
import { obtainLayer } from '../obtain-layer.ts';
import type { ImageLayer, ImageReceipt } from '../receipt.ts';
import { hexOf } from '../reference.ts';
import { inParallel } from './in-parallel.ts';

/** Makes an error of `image` one that says where the image is named. */
type Placed = (error: unknown, image: ImageReceipt) => Promise<unknown>;

/**
 * Brings the layers of `images` into the store: three at a time, a layer that several images have once. A layer that is there is not read: who takes it
 * verifies it. The first error stops the others; what they have fetched stays, and the next run goes on from there.
 *
 * @throws BuildError IMAGE_TOO_LARGE above `maxBytes` (of one image, uncompressed), those of obtainLayer; each as `placed` makes it
 */
export async function pullLayers(images: readonly ImageReceipt[], maxBytes: number, context: ImageContext, placed: Placed): Promise<void> {
  const sizes = new Map<string, number>();
  const missing = new Map<string, { layer: ImageLayer; image: ImageReceipt }>();
  for (const image of images) {
    for (const layer of image.layers) {
      const stored = await ifThere(stat(storePath(hexOf(layer.diffId, image.name))));
      if (stored) sizes.set(layer.diffId, stored.size);
      else if (!missing.has(layer.diffId)) missing.set(layer.diffId, { layer, image });
    }
  }
  const sizeOf = ({ layers }: ImageReceipt): number => layers.reduce((sum, { diffId }) => sum + (sizes.get(diffId) ?? 0), 0);
  const requireSmall = async (): Promise<void> => {
    const large = images.find((image) => sizeOf(image) > maxBytes);
    if (large) throw await placed(tooLarge(large, maxBytes), large);
  };
  await requireSmall();
  if (missing.size === 0) return;
  const layers = [...missing.values()];
  const progress = sumOf(
    context.log,
    `pull ${layers.length} layers`,
    layers.reduce((sum, { layer }) => sum + layer.size, 0),
  );
  const pull = async ({ layer, image }: (typeof layers)[number], signal: AbortSignal): Promise<void> => {
    const path = await obtainLayer(layer, image.origin, { ...context, signal, log: progress.part() }, { bytes: maxBytes - sizeOf(image) }).catch(
      async (error: unknown) => {
        throw await placed(error, image);
      },
    );
    sizes.set(layer.diffId, (await stat(path)).size);
    await requireSmall();
  };
  await inParallel(layers, context.signal, pull).finally(() => progress.stop());
}

function tooLarge({ name }: ImageReceipt, maxBytes: number): BuildError {
  return new BuildError('IMAGE_TOO_LARGE', `${name}: its layers have more than ${maxBytes} bytes uncompressed`, {
    hint: 'If the image is meant to be so large, raise "maxBytes" in x-os.ociImages. Else name a smaller one.',
  });
}

/**
 * One progress display for parts that run at the same time. A layer is read twice, fetched and unpacked, or fetched anew after a fault: each of its bytes
 * counts the first time.
 */
function sumOf(log: Step, title: string, total: number): { part(): Step; stop(): void } {
  const all = log.progress(title, total, 'bytes');
  let sum = 0;
  return {
    part() {
      let most = 0;
      const update = (done: number): void => {
        if (done <= most) return;
        sum += done - most;
        most = done;
        all.update(sum);
      };
      return { ...log, progress: () => ({ update, stop: () => {} }) };
    },
    stop: () => all.stop(),
  };
}
