import { BuildError } from '@container-os/core';
import { join, relative } from 'node:path';
import type { ImageContext } from './content.ts';
import { contentOf } from './content-of.ts';
import { readImage } from './image.ts';
import { openArchive } from './local/archive.ts';
import { readSaved } from './local/docker-archive.ts';
import { entryOf, layoutContent, layoutDirectory, type LayoutFiles } from './local/layout.ts';
import { selectManifest } from './manifest.ts';
import type { ImageLock } from './lock.ts';
import type { ImageReceipt } from './receipt.ts';
import { parseReference, type LocalReference, type RegistryReference } from './reference.ts';
import { resolveTag } from './registry/registry.ts';

export interface PullOptions {
  platform: string;
  lock: ImageLock;
  /** Refuse a tag that is not locked. */
  frozen: boolean;
  /** The Nx project, for the command that locks. */
  project: string;
  /** What a local reference's path is relative to. */
  imageRoot: string;
}

/**
 * The receipt of an image: its name resolved to digests, its manifest and configuration verified. Layers are not fetched.
 *
 * @throws BuildError IMAGE_NOT_LOCKED, and those of parseReference, readImage and of fetching
 */
export async function resolveImage(reference: string, options: PullOptions, context: ImageContext): Promise<ImageReceipt> {
  const parsed = parseReference(reference);
  return parsed.kind === 'registry' ? ofRegistry(reference, parsed, options, context) : ofLocal(reference, parsed, options, context);
}

async function ofRegistry(reference: string, parsed: RegistryReference, options: PullOptions, context: ImageContext): Promise<ImageReceipt> {
  const { registry, repository, tag, name } = parsed;
  const origin = { registry, repository };
  const known = parsed.digest ?? options.lock[reference]?.digest;
  if (known === undefined && options.frozen)
    throw new BuildError('IMAGE_NOT_LOCKED', `${reference} names a tag that images.lock.json does not have, and frozen is set`, {
      hint: `Lock it: ${lockCommand(options)}`,
    });
  const digest = known ?? (await resolveTag(origin, tag, context));
  if (known === undefined) context.log.warn(`${reference} is not locked: its tag names ${digest} now. Lock it: ${lockCommand(options)}`);
  const found = await readImage(await contentOf(origin, context), { digest }, options.platform, name);
  return receiptOf({ reference, name, locked: known !== undefined, origin, platform: options.platform, ...found });
}

function lockCommand({ project }: PullOptions): string {
  return `npx nx run ${project}:update-sources`;
}

async function ofLocal(reference: string, local: LocalReference, { platform, imageRoot }: PullOptions, context: ImageContext): Promise<ImageReceipt> {
  const { kind, ref, name } = local;
  const path = join(imageRoot, local.path);
  const place = relative(context.workspaceRoot, path);
  const origin = kind === 'oci' ? { layout: place } : { archive: place };
  const files = kind === 'oci' ? layoutDirectory(path) : await openArchive(path);
  const found = kind === 'docker-archive' ? await readSaved(files, ref, platform) : await ofLayout(files, ref);
  return receiptOf({ reference, name, locked: true, origin, platform, ...found });

  async function ofLayout(layout: LayoutFiles, wanted: string | undefined) {
    const entry = await entryOf(layout, wanted, (manifests) => selectManifest({ kind: 'index', manifests }, platform, name));
    return readImage(layoutContent(layout, origin), entry, platform, name);
  }
}

/** Keys in a fixed order: equal images give equal bytes. */
function receiptOf({ reference, name, digest, index, platform, locked, origin, config, layers }: ImageReceipt): ImageReceipt {
  return { reference, name, digest, ...(index === undefined ? {} : { index }), platform, locked, origin, config, layers };
}
