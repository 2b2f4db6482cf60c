import { formatSize } from '../config/units.ts';
import type { FaultReason } from './fault.ts';

/** Counts for the summary. */
export interface Tally {
  hits: number;
  misses: number;
  uploads: number;
  /** Uploads that upstream declined: 409, or 403 for a read-only token. */
  declined: number;
  bytesDown: number;
  bytesUp: number;
  faults: Partial<Record<FaultReason | 'unauthorized' | 'bug', number>>;
}

/** A tally of zeros. */
export function createTally(): Tally {
  return { hits: 0, misses: 0, uploads: 0, declined: 0, bytesDown: 0, bytesUp: 0, faults: {} };
}

/**
 * Formats one line, and a second line when there were faults.
 *
 * @example
 * process.stderr.write(summary(tally)); // remote cache: 12 hits (3.1 MB), 2 misses, 2 uploads (1.0 MB)
 */
export function summary({ hits, misses, uploads, declined, bytesDown, bytesUp, faults }: Tally): string {
  const reasons = Object.entries(faults).map(([reason, count]) => `${count} ${reason}`);
  const counts = [`${count(hits, 'hit')} (${formatSize(bytesDown)})`, count(misses, 'miss', 'misses'), `${count(uploads, 'upload')} (${formatSize(bytesUp)})`];
  const first = `remote cache: ${[...counts, ...(declined > 0 ? [`${declined} declined`] : [])].join(', ')}\n`;
  return reasons.length === 0 ? first : `${first}remote cache: treated as misses, by reason: ${reasons.join(', ')}\n`;
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
