/** What is known of one target after an edit. */
export interface Seen {
  /** Whether Nx has another hash for it than before the edit. */
  miss: boolean;
  /** Whether a fresh build gives other bytes, or fails; undefined when it was not built. */
  otherBytes: boolean | undefined;
  /** Whether the edit changed what the target reads: a file, an option, a tool. */
  reads: boolean;
}

export type Verdict = 'right' | 'stale' | 'needless';

/**
 * A hit with other bytes is stale, always. A miss with equal bytes is needless when nothing changed that the target reads.
 *
 * @example
 * judge({ miss: false, otherBytes: true, reads: false }); // 'stale'
 */
export function judge({ miss, otherBytes, reads }: Seen): Verdict {
  if (!miss) return otherBytes ? 'stale' : 'right';
  return reads || otherBytes ? 'right' : 'needless';
}
