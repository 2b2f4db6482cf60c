/** One entry. */
export interface Entry {
  hash: string;
  /** Bytes. */
  size: number;
}

/** One request of a client; `size` is that of a PUT's body. */
export interface Request extends Entry {
  method: 'GET' | 'PUT';
}

/** An hour of a team: 100 runs of nx (50 developers and their CI, each twice), of 100 tasks; nine of ten tasks are in the cache. */
export const HOUR = { runs: 100, tasks: 100, hitRate: 0.9, bigShare: 0.015 };

/** The same numbers at each run, so that two runs measure the same traffic (mulberry32). */
export function random(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), seed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Entries of 1 to 200 MB, most of them small (half below 6 MB), until they are `bytes`; the last one is the largest. */
export function bigEntries(bytes: number): Entry[] {
  const next = random(1);
  const entries: Entry[] = [];
  for (let sum = 200e6; sum < bytes; sum += entries.at(-1)!.size) {
    entries.push({ hash: String(10_000_000_000 + entries.length * 7_919_000_003), size: Math.round(1e6 * 200 ** (next() ** 1.6)) });
  }
  return [...entries, { hash: '99999999999', size: 200e6 }];
}

/** Entries of 1 to 64 kB, evenly on a scale of logarithms: logs and small bundles. */
export function smallEntries(count: number): Entry[] {
  const next = random(2);
  return Array.from({ length: count }, (_, index) => ({ hash: String(20_000_000_000_000 + index * 7_919_000_003), size: Math.round(1000 * 64 ** next()) }));
}

/** The requests of {@link HOUR}, shuffled: hits, misses, and a PUT of what was missed. */
export function hour(big: readonly Entry[], small: readonly Entry[]): Request[] {
  const next = random(3);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(next() * from.length)]!;
  return Array.from({ length: HOUR.runs * HOUR.tasks }, (_, index): Request[] => {
    const { hash, size } = pick(next() < HOUR.bigShare ? big : small);
    if (next() < HOUR.hitRate) return [{ method: 'GET', hash, size }];
    const missing = { hash: String(90_000_000_000_000 + index), size };
    return [
      { method: 'GET', ...missing },
      { method: 'PUT', ...missing },
    ];
  }).flat();
}
