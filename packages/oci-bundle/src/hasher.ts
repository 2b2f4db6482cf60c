import { hashTarget } from '@container-os/core/hasher';
import type { CustomHasher } from '@nx/devkit';
import { createRequire } from 'node:module';
import type * as Contents from './contents.ts';
import type { OciBundleOptions } from './schema.d.ts';

/**
 * A bundle's hash has the environment of its service, and its secrets and configs, which are in no option. What reads them, a reader of Compose files, is
 * loaded only for a service that has some: a command with nothing to do hashes each bundle.
 */
const hasher: CustomHasher = (task, context) =>
  hashTarget(task, context, async (options) => (hasValues(options) ? (await loadContents()).readValues : undefined));

function hasValues({ environment, contents, binds = [] }: Partial<OciBundleOptions>): boolean {
  return environment !== undefined || contents !== undefined || binds.length > 0;
}

/** Nx's own process reads TypeScript by `require` alone. A built package is JavaScript. */
function loadContents(): typeof Contents | Promise<typeof Contents> {
  const require = createRequire(import.meta.url);
  return import.meta.url.endsWith('.ts') && '.ts' in require.extensions ? (require('./contents.ts') as typeof Contents) : import('./contents.ts');
}

export default hasher;
