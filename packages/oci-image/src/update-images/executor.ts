import { defineCommand } from '@container-os/core';
import type { UpdateImagesOptions } from './schema.d.ts';
import { updateImageLock } from './update.ts';

/** Asks registries what the tags name now. */
export default defineCommand<UpdateImagesOptions>(({ images, platform }, context) =>
  updateImageLock(context.imageRoot, Object.values(images), platform, context),
);
