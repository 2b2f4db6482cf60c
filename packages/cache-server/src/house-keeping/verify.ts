import { problemOf } from '../check-entry.ts';
import { isOfOneEntry, openEntry } from '../entries.ts';
import { UnreadableEntryError, type EntryKey, type Store } from '../stores/store.ts';

/** An entry that clients cannot use. */
export interface Corrupt {
  key: EntryKey;
  reason: string;
  deleted: boolean;
}

/**
 * Reads every entry, compares its SHA-256 with its trailer, and looks whether it is what Nx reads. With `remove`, deletes corrupt entries
 * and retires their hashes.
 */
export async function verify(store: Store, remove: boolean): Promise<{ entries: number; bytes: number; corrupt: Corrupt[] }> {
  const corrupt: Corrupt[] = [];
  let [entries, bytes] = [0, 0];
  for await (const { key, size } of store.list()) {
    entries++;
    bytes += size;
    const reason = await reasonFor(store, key);
    if (reason !== undefined) corrupt.push({ key, reason, deleted: false, ...(remove ? await removed(store, key, reason) : {}) });
  }
  return { entries, bytes, corrupt };
}

async function reasonFor(store: Store, key: EntryKey): Promise<string | undefined> {
  try {
    const entry = await openEntry(store, [key.namespace], key.hash);
    if (!entry) return undefined; // deleted meanwhile
    try {
      return await problemOf(entry);
    } finally {
      await entry.close();
    }
  } catch (error) {
    if (isOfOneEntry(error)) return error.message;
    throw error;
  }
}

async function removed(store: Store, key: EntryKey, reason: string): Promise<{ deleted: boolean; reason: string }> {
  try {
    await store.retire(key.hash);
    return { deleted: await store.delete(key), reason };
  } catch (error) {
    if (error instanceof UnreadableEntryError) return { deleted: false, reason: `${reason}; ${error.message}` };
    throw error;
  }
}
