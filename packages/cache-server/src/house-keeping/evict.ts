import { UnreadableEntryError, type EntryKey, type ListedEntry, type Store } from '../stores/store.ts';

/** Limits of the store. 0: no limit. */
export interface EvictionLimits {
  /** Bytes in all namespaces. */
  maxSize: number;
  /** Milliseconds since the last use. */
  maxAge: number;
}

/** Result of an eviction: the remaining entries and the evicted ones. */
export interface Sweep {
  entries: number;
  bytes: number;
  evicted: number;
  evictedBytes: number;
  /** Why entries could not be deleted: the first reason. They stay, and the others go. */
  stuck?: string;
}

/**
 * Chooses the entries to evict: first those that exceed `maxAge`, then, above `maxSize`, the least recently used until nine tenths of
 * it remain, so that the next write does not start another eviction.
 *
 * @example
 * planEviction(entries, { maxSize: 1e9, maxAge: 0 }, new Date());
 */
export function planEviction(entries: readonly ListedEntry[], { maxSize, maxAge }: EvictionLimits, now: Date): ListedEntry[] {
  const isOld = ({ used }: ListedEntry): boolean => maxAge > 0 && now.getTime() - used.getTime() > maxAge;
  const old = entries.filter(isOld);
  const rest = entries.filter((entry) => !isOld(entry)).sort((a, b) => a.used.getTime() - b.used.getTime() || a.created.getTime() - b.created.getTime());
  let size = sum(rest);
  if (maxSize === 0 || size <= maxSize) return old;
  const least = rest.findIndex(({ size: one }) => (size <= maxSize * 0.9 ? true : ((size -= one), false)));
  return [...old, ...rest.slice(0, least < 0 ? rest.length : least)];
}

/**
 * Evicts entries. Safe while servers use the store and while another eviction runs: an open entry stays readable, and an entry that is
 * already gone is no error.
 */
export async function sweep(store: Store, limits: EvictionLimits, now: Date, onEntry: (entry: ListedEntry) => void = () => undefined): Promise<Sweep> {
  const entries: ListedEntry[] = [];
  for await (const entry of store.list()) entries.push(entry);
  const goes = planEviction(entries, limits, now);
  const gone = new Set<EntryKey>();
  let evictedBytes = 0;
  let stuck: string | undefined;
  for (const { key, size } of goes) {
    try {
      if (!(await store.delete(key))) continue;
      gone.add(key);
      evictedBytes += size;
    } catch (error) {
      if (!(error instanceof UnreadableEntryError)) throw error;
      stuck ??= error.message;
    }
  }
  for (const entry of entries) if (!gone.has(entry.key)) onEntry(entry);
  return {
    entries: entries.length - gone.size,
    bytes: sum(entries) - evictedBytes,
    evicted: gone.size,
    evictedBytes,
    ...(stuck === undefined ? {} : { stuck }),
  };
}

function sum(entries: readonly ListedEntry[]): number {
  return entries.reduce((total, { size }) => total + size, 0);
}
