import type { Outcome, Refusal } from './access/decide.ts';

/** A finished request for an entry. */
export interface Activity {
  time: Date;
  method: string;
  outcome: Outcome;
  /** The status that was sent. With failOpen it differs from the status of the outcome. */
  status: number;
  /** Name of the token, never the token. */
  token: string | undefined;
  address: string;
  namespace: string | undefined;
  hash: string;
  /** Size of the body in bytes. */
  size: number | undefined;
  /** SHA-256 of the body, hexadecimal. */
  sha256: string | undefined;
  seconds: number;
  /** Error of the store, for the log. Clients never see it. */
  error: Error | undefined;
}

/** Statistics since the start, for the page: the last refusals and the hits of each entry. Its size is bounded. */
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
      hits.delete(key); // moves it to the end, so that the entry without a hit for the longest time is dropped first
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
 * The line of the audit log for an activity, or undefined when it is neither a write nor a refusal. A hash from the network cannot
 * forge a line, because JSON escapes it.
 */
export function auditLine(activity: Activity): string | undefined {
  const { time, method, outcome, status, token, address, namespace, hash, size, sha256 } = activity;
  if (method !== 'PUT' && !isRefused(outcome)) return undefined;
  return `${JSON.stringify({ time: time.toISOString(), method, outcome, status, token, address, namespace, hash: hash.slice(0, 128), size, sha256 })}\n`;
}
