/** Numbers that depend on a seed only. */
export interface Random {
  /** 0 ≤ n < below. */
  int(below: number): number;
  pick<T>(from: readonly T[]): T;
  bool(): boolean;
  /** A copy in another order. */
  shuffle<T>(of: readonly T[]): T[];
}

/** mulberry32: good enough to choose edits, and the same everywhere. */
export function random(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const int = (below: number): number => Math.floor(next() * below);
  return {
    int,
    pick: (from) => from[int(from.length)] as (typeof from)[number],
    bool: () => next() < 0.5,
    shuffle: (of) => {
      const copy = [...of];
      for (let i = copy.length - 1; i > 0; i--) {
        const j = int(i + 1);
        [copy[i], copy[j]] = [copy[j] as (typeof copy)[number], copy[i] as (typeof copy)[number]];
      }
      return copy;
    },
  };
}
