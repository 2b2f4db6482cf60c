import { createHash } from 'node:crypto';
import { CorruptEntryError, openEntry } from '../entries.ts';
import type { EntryKey, Store } from '../stores/store.ts';

/** An entry that does not match its trailer. */
export interface Corrupt {
  key: EntryKey;
  reason: string;
  deleted: boolean;
}

/** Reads every entry and compares its SHA-256 with its trailer. With `remove`, deletes corrupt entries. */
export async function verify(store: Store, remove: boolean): Promise<{ entries: number; bytes: number; corrupt: Corrupt[] }> {
  const corrupt: Corrupt[] = [];
  let [entries, bytes] = [0, 0];
  for await (const { key, size } of store.list()) {
    entries++;
    bytes += size;
    const reason = await faultOf(store, key);
    if (reason !== undefined) corrupt.push({ key, reason, deleted: remove && (await store.delete(key)) });
  }
  return { entries, bytes, corrupt };
}

async function faultOf(store: Store, key: EntryKey): Promise<string | undefined> {
  try {
    const entry = await openEntry(store, [key.namespace], key.hash);
    if (!entry) return undefined; // deleted meanwhile
    const hash = createHash('sha256');
    for await (const chunk of entry.body()) hash.update(chunk);
    const [actual, expected] = [hash.digest('hex'), Buffer.from(entry.trailer.sha256).toString('hex')];
    return actual === expected ? undefined : `the body has SHA-256 ${actual}, expected ${expected}`;
  } catch (error) {
    if (error instanceof CorruptEntryError) return error.message;
    throw error;
  }
}
