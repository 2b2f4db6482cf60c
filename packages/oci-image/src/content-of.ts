import { join } from 'node:path';
import type { Content, ImageContext } from './content.ts';
import { openArchive } from './local/archive.ts';
import { savedContent } from './local/docker-archive.ts';
import { layoutContent, layoutDirectory } from './local/layout.ts';
import type { ImageOrigin } from './receipt.ts';
import { registryContent } from './registry/registry.ts';

/** The blobs of an image, by what its receipt says. */
export async function contentOf(origin: ImageOrigin, context: ImageContext): Promise<Content> {
  if ('registry' in origin) return registryContent(origin, context);
  if ('layout' in origin) return layoutContent(layoutDirectory(join(context.workspaceRoot, origin.layout)), origin);
  const files = await openArchive(join(context.workspaceRoot, origin.archive));
  // Docker's since version 25 are both.
  return (await files.locate('index.json')) ? layoutContent(files, origin) : savedContent(files, origin);
}

/** For messages. */
export function formatOrigin(origin: ImageOrigin): string {
  if ('registry' in origin) return `${origin.registry}/${origin.repository}`;
  return 'layout' in origin ? origin.layout : origin.archive;
}
