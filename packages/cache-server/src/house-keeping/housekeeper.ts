import type { ListedEntry, Store } from '../stores/store.ts';
import { sweep, type EvictionLimits, type Sweep } from './evict.ts';

/** Evicts in the background of a server, one sweep at a time. */
export interface Housekeeper {
  /** So many bytes came in. A tenth of `maxSize` starts a sweep. */
  added(bytes: number): void;
  /** The disk is full: sweep now. */
  needed(): void;
  /** What is there now; sweeps when entries came since the last sweep, or it is older than ten seconds. */
  fresh(): Promise<{ sweep: Sweep | undefined; biggest: readonly ListedEntry[] }>;
  /** Sweeps now, or waits for the one that runs. */
  run(): Promise<void>;
  /** No further sweeps; waits for the one that runs. */
  stop(): Promise<void>;
}

const BIGGEST = 20;

/** Starts with a sweep, so that the numbers are there from the start. `every` is in milliseconds. */
export function startHousekeeper(
  store: Store, limits: EvictionLimits, every: number, on: { swept(sweep: Sweep): void; failed(error: unknown): void },
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
  const run = (): Promise<void> => (running ??= once().finally(() => { running = undefined; }));
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
