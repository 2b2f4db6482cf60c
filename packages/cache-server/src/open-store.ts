import { resolve } from 'node:path';
import type { Settings } from './config/config.ts';
import { UsageError } from './errors.ts';
import { fileSystemStore } from './stores/file-system.ts';
import { s3Store } from './stores/s3.ts';
import type { Store } from './stores/store.ts';

/**
 * Opens the store of the settings. Calls `warn` for each guarantee that it lacks.
 *
 * @throws UsageError STORE_UNAVAILABLE, CONFIG_INVALID
 */
export async function openStore(settings: Settings, warn: (message: string) => void = console.error): Promise<Store> {
  const { store, directory, s3Bucket: bucket, s3Prefix: prefix, s3Region: region, s3Endpoint: endpoint } = settings;
  if (store === 's3' && bucket === undefined) throw new UsageError('CONFIG_INVALID', 'the "s3" store needs a bucket', 'Set --s3-bucket <name>.');
  try {
    return bucket !== undefined && store === 's3' ? await s3Store({ bucket, prefix, region, endpoint, warn }) : await fileSystemStore(resolve(directory), warn);
  } catch (error) {
    throw new UsageError('STORE_UNAVAILABLE', (error as Error).message, undefined, error);
  }
}
