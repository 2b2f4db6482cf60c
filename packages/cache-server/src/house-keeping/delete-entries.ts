import type { ListedEntry, Store } from '../stores/store.ts';

/**
 * Deletes the entries of `hashes` in every namespace, and retires each hash that had one. With `dryRun` it only finds them.
 *
 * Delete and write again would be a way around immutability. So there is no request for it, and a hash is retired before its entries go: an
 * upload of another namespace that runs meanwhile is refused at its end.
 */
export async function deleteEntries(store: Store, hashes: readonly string[], dryRun: boolean): Promise<ListedEntry[]> {
  const found: ListedEntry[] = [];
  for await (const entry of store.list()) if (hashes.includes(entry.key.hash)) found.push(entry);
  if (dryRun) return found;
  for (const { key } of found) {
    await store.retire(key.hash);
    await store.delete(key);
  }
  return found;
}
