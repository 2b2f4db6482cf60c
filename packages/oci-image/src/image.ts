import { BuildError } from '@container-os/core';
import type { Content } from './content.ts';
import { parseConfiguration, parseManifest, selectManifest } from './manifest.ts';
import type { ImageReceipt } from './receipt.ts';

/** Indexes in indexes: none that is in use has more than two. */
const DEEPEST = 4;

type Found = Pick<ImageReceipt, 'digest' | 'index' | 'config' | 'layers'>;

/**
 * What `digest` is for `platform`: index, manifest and configuration, each verified before it is read.
 *
 * @param name for messages
 *
 * @throws BuildError INDEX_TOO_DEEP, and those of parseManifest, selectManifest, parseConfiguration and of fetching
 */
export async function readImage(
  content: Content,
  entry: { digest: string; size?: number; mediaType?: string },
  platform: string,
  name: string,
): Promise<Found> {
  let named = entry;
  for (let depth = 0; depth < DEEPEST; depth++) {
    const place = `${name} (${named.digest})`;
    const manifest = parseManifest(await content.document(named, 'manifests'), place, named.mediaType);
    if (manifest.kind === 'index') {
      named = selectManifest(manifest, platform, place);
      continue;
    }
    const place2 = `${name} (configuration ${manifest.config.digest})`;
    const { config, diffIds } = parseConfiguration(await content.document(manifest.config, 'blobs'), manifest, platform, place2);
    return {
      digest: named.digest,
      ...(depth > 0 ? { index: entry.digest } : {}),
      config,
      layers: manifest.layers.map(({ mediaType, digest, size }, at) => ({ mediaType, digest, size, diffId: diffIds[at] ?? '' })),
    };
  }
  throw new BuildError('INDEX_TOO_DEEP', `${name}: indexes in indexes, more than ${DEEPEST} deep`, { hint: 'Name the manifest itself by its digest.' });
}
