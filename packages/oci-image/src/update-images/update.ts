import { join } from 'node:path';
import type { ImageContext } from '../content.ts';
import { contentOf } from '../content-of.ts';
import { readImage } from '../image.ts';
import { describeLockChange, LOCK_FILE, readImageLock, writeImageLock, type ImageLock } from '../lock.ts';
import { parseReference } from '../reference.ts';
import { resolveTag } from '../registry/registry.ts';

/**
 * Locks what the tags among `references` name now, in the folder of an OS image, and tells the difference. Nothing is written unless each has an image for
 * `platform`.
 */
export async function updateImageLock(imageRoot: string, references: readonly string[], platform: string, context: ImageContext): Promise<void> {
  const file = join(imageRoot, LOCK_FILE);
  const before = await readImageLock(file);
  const after: ImageLock = {};
  for (const reference of new Set(references)) {
    const parsed = parseReference(reference);
    if (parsed.kind !== 'registry' || parsed.digest !== undefined) continue;
    after[reference] = await context.log.step(`look up ${reference}`, async (log) => {
      const digest = await resolveTag(parsed, parsed.tag, { ...context, log });
      await readImage(await contentOf({ registry: parsed.registry, repository: parsed.repository }, { ...context, log }), { digest }, platform, parsed.name);
      return { digest };
    });
  }
  const changes = describeLockChange(before, after);
  if (changes.length > 0) await writeImageLock(file, after);
  for (const line of changes.length > 0 ? [...changes, `written to ${file}`] : ['up to date']) context.log.info(line);
}
