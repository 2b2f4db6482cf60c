import { resolve } from 'node:path';
import type { Settings } from './config/config.ts';
import { UsageError } from './errors.ts';
import { fileSystemStore } from './stores/file-system.ts';
import type { Store } from './stores/store.ts';

/**
 * The store that the settings name.
 *
 * @throws UsageError STORE_UNAVAILABLE
 */
export async function openStore(settings: Settings): Promise<Store> {
  if (settings.store === 's3') throw new UsageError('STORE_UNAVAILABLE', 'store "s3" is not in this build yet', 'Take --store file.');
  try {
    return await fileSystemStore(resolve(settings.directory));
  } catch (error) {
    throw new UsageError('STORE_UNAVAILABLE', (error as Error).message, undefined, error);
  }
}
