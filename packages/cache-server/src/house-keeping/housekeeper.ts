import type { ListedEntry, Store } from '../stores/store.ts';
import { sweep, type EvictionLimits, type Sweep } from './evict.ts';

/** Runs evictions in the background of a server, one at a time. */
export interface Housekeeper {
  /** Counts added bytes. A tenth of `maxSize` starts an eviction. */
  added(bytes: number): void;
  /** Starts an eviction, because the disk is full. */
  needed(): void;
  /** Current statistics. Evicts first, when entries were added since the last eviction or it was over ten seconds ago. */
  fresh(): Promise<{ sweep: Sweep | undefined; biggest: readonly ListedEntry[] }>;
  /** Evicts now, or waits for the running eviction. */
  run(): Promise<void>;
  /** Starts no further evictions and waits for the running one. */
  stop(): Promise<void>;
}

const BIGGEST = 20;

/** Evicts at the start, so that statistics exist, and then at each interval of `every` milliseconds. */
export function startHousekeeper(
  store: Store,
  limits: EvictionLimits,
  every: number,
  on: { swept(sweep: Sweep): void; failed(error: unknown): void },
): Housekeeper {
  let running: Promise<void> | undefined;
  let last: Sweep | undefined;
  let biggest: ListedEntry[] = [];
  let added = 0;
  let swept = -Infinity;
  const once = async (): Promise<void> => {
    added = 0;
    try {
      const found: ListedEntry[] = [];
      last = await sweep(store, limits, new Date(), (entry) => {
        if (found.length === BIGGEST && entry.size <= found[BIGGEST - 1]!.size) return;
        found.push(entry);
        found.sort((a, b) => b.size - a.size).splice(BIGGEST);
      });
      biggest = found;
      swept = performance.now();
      on.swept(last);
    } catch (error) {
      on.failed(error);
    }
  };
  const run = (): Promise<void> =>
    (running ??= once().finally(() => {
      running = undefined;
    }));
  const timer = setInterval(() => void run(), Math.max(1000, every)).unref();
  void run();
  return {
    run,
    needed: () => void run(),
    async fresh() {
      if (added > 0 || performance.now() - swept > 10_000) await run();
      return { sweep: last, biggest };
    },
    added(bytes) {
      added += bytes;
      if (limits.maxSize > 0 && added >= limits.maxSize / 10) void run();
    },
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
