import type { Outcome, Refusal } from './access/decide.ts';

/** What became of one request for an entry. */
export interface Activity {
  time: Date;
  method: string;
  outcome: Outcome;
  /** What was sent; with failOpen another status than the outcome has. */
  status: number;
  /** Name of the token, never the token. */
  token: string | undefined;
  address: string;
  namespace: string | undefined;
  hash: string;
  /** Bytes of the body. */
  size: number | undefined;
  /** Hexadecimal. */
  sha256: string | undefined;
  seconds: number;
  /** Of the store, for the log; a client never sees it. */
  error: Error | undefined;
}

/** Keeps what the page shows beside the store: the last refusals and how often entries were hit since the start. Bounded. */
export interface Recent {
  add(activity: Activity): void;
  refusals(): readonly Activity[];
  hits(namespace: string, hash: string): number;
  counts: { hits: number; misses: number };
}

const MOST_REFUSALS = 20;
const MOST_ENTRIES = 10_000;

export function createRecent(): Recent {
  const refusals: Activity[] = [];
  const hits = new Map<string, number>();
  const counts = { hits: 0, misses: 0 };
  return {
    counts,
    refusals: () => refusals,
    hits: (namespace, hash) => hits.get(`${namespace}/${hash}`) ?? 0,
    add(activity) {
      if (isRefused(activity.outcome) && refusals.unshift(activity) > MOST_REFUSALS) refusals.pop();
      if (activity.outcome === 'miss') counts.misses++;
      if (activity.outcome !== 'hit') return;
      counts.hits++;
      const key = `${activity.namespace}/${activity.hash}`;
      const count = (hits.get(key) ?? 0) + 1;
      hits.delete(key); // to the end: the one that was not hit for longest is forgotten
      hits.set(key, count);
      if (hits.size > MOST_ENTRIES) hits.delete(hits.keys().next().value!);
    },
  };
}

/** Whether an outcome is a refusal. */
export function isRefused(outcome: Activity['outcome']): outcome is Refusal {
  return outcome !== 'hit' && outcome !== 'miss' && outcome !== 'created' && outcome !== 'exists';
}

/**
 * What the audit log keeps of an activity, or undefined: writes and refusals, one JSON object a line. JSON escapes what a hash from the
 * network may hold, so that no line can be forged.
 */
export function auditLine(activity: Activity): string | undefined {
  const { time, method, outcome, status, token, address, namespace, hash, size, sha256 } = activity;
  if (method !== 'PUT' && !isRefused(outcome)) return undefined;
  return `${JSON.stringify({ time: time.toISOString(), method, outcome, status, token, address, namespace, hash: hash.slice(0, 128), size, sha256 })}\n`;
}
