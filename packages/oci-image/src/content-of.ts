import { join } from 'node:path';
import type { Content, ImageContext } from './content.ts';
import { layoutContent, layoutDirectory } from './local/layout.ts';
import type { ImageOrigin } from './receipt.ts';
import { registryContent } from './registry/registry.ts';

/** The blobs of an image, by what its receipt says. */
export async function contentOf(origin: ImageOrigin, context: ImageContext): Promise<Content> {
  if ('registry' in origin) return registryContent(origin, context);
  if ('archive' in origin) throw new Error('archives come next');
  return layoutContent(layoutDirectory(join(context.workspaceRoot, origin.layout)), origin);
}

/** For messages. */
export function formatOrigin(origin: ImageOrigin): string {
  if ('registry' in origin) return `${origin.registry}/${origin.repository}`;
  return 'layout' in origin ? origin.layout : origin.archive;
}
