import type { Store } from '../stores/store.ts';

/** Statistics of a namespace. */
export interface NamespaceStats {
  namespace: string;
  entries: number;
  bytes: number;
  /** ISO 8601. */
  oldestUse: string;
}

/** Counts entries and bytes by namespace, the largest namespace first. */
export async function stats(store: Store): Promise<NamespaceStats[]> {
  const found = new Map<string, NamespaceStats>();
  for await (const {
    key: { namespace },
    size,
    used,
  } of store.list()) {
    const one = found.get(namespace) ?? { namespace, entries: 0, bytes: 0, oldestUse: used.toISOString() };
    const oldestUse = used.toISOString() < one.oldestUse ? used.toISOString() : one.oldestUse;
    found.set(namespace, { namespace, entries: one.entries + 1, bytes: one.bytes + size, oldestUse });
  }
  return [...found.values()].sort((a, b) => b.bytes - a.bytes);
}
