import type { Settings } from '../config/config.ts';
import { programName } from '../config/program.ts';
import { formatSize } from '../config/units.ts';
import { UsageError } from '../errors.ts';
import { deleteEntries } from '../house-keeping/delete-entries.ts';
import { openStore } from '../open-store.ts';
import { HASH_RULE, isHash } from '../protocol.ts';
import { table } from './keep-house.ts';

/** The command `delete <hash>…`. Returns 1 when there was no entry for one of the hashes. */
export async function deleteHashes(settings: Settings, hashes: string[]): Promise<number> {
  const wrong = hashes.find((hash) => !isHash(hash));
  if (wrong !== undefined) throw new UsageError('HASH_INVALID', `"${wrong}" is no hash: expected ${HASH_RULE}`, 'Nx and the log of the server show the hash.');
  if (hashes.length === 0) throw new UsageError('HASH_MISSING', '"delete" needs a hash', `For example: ${programName()} delete 1234567890 --dry-run`);
  const found = await deleteEntries(await openStore(settings), hashes, settings.dryRun);
  const missing = hashes.filter((hash) => !found.some(({ key }) => key.hash === hash));
  const rows = [
    ...found.map(({ key, size }) => [key.namespace, key.hash, formatSize(size), settings.dryRun ? 'would be deleted' : 'deleted']),
    ...missing.map((hash) => ['-', hash, '-', 'there is no entry']),
  ];
  const result = { dryRun: settings.dryRun, deleted: found.map(({ key, size }) => ({ ...key, size })), missing };
  process.stdout.write(`${settings.json ? JSON.stringify(result) : table(rows)}\n`);
  return missing.length === 0 ? 0 : 1;
}
