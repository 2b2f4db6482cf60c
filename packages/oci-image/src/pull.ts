import { BuildError } from '@container-os/core';
import { join, relative } from 'node:path';
import type { ImageContext } from './content.ts';
import { contentOf } from './content-of.ts';
import { readImage } from './image.ts';
import { entryOf, layoutDirectory } from './local/layout.ts';
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
  return parsed.kind === 'registry' ? ofRegistry(reference, parsed, options, context) : ofLayout(reference, parsed, options, context);
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

async function ofLayout(
  reference: string,
  { path, ref, name }: LocalReference,
  { platform, imageRoot }: PullOptions,
  context: ImageContext,
): Promise<ImageReceipt> {
  const directory = join(imageRoot, path);
  const origin = { layout: relative(context.workspaceRoot, directory) };
  const entry = await entryOf(layoutDirectory(directory), ref, (manifests) => selectManifest({ kind: 'index', manifests }, platform, name));
  const found = await readImage(await contentOf(origin, context), entry, platform, name);
  return receiptOf({ reference, name, locked: true, origin, platform, ...found });
}

/** Keys in a fixed order: equal images give equal bytes. */
function receiptOf({ reference, name, digest, index, platform, locked, origin, config, layers }: ImageReceipt): ImageReceipt {
  return { reference, name, digest, ...(index === undefined ? {} : { index }), platform, locked, origin, config, layers };
}
