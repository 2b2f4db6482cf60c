/**
 * Chooses few candidates that together have every pair of all candidates: greedily, the first of those that add the most pairs.
 * `chosen` are chosen already. The same candidates in the same order give the same result.
 */
export function pairwise<T>(candidates: readonly T[], pairsOf: (candidate: T) => readonly string[], chosen: readonly T[] = []): T[] {
  // Pairs as numbers, because each is looked up often.
  const numbers = new Map<string, number>();
  const numberOf = (pair: string): number => numbers.get(pair) ?? (numbers.set(pair, numbers.size), numbers.size - 1);
  const open = candidates.map((candidate) => ({ candidate, pairs: pairsOf(candidate).map(numberOf) }));
  const missing = new Uint8Array(numbers.size).fill(1);
  for (const pair of chosen.flatMap(pairsOf)) missing[numberOf(pair)] = 0;
  const countMissing = (pairs: readonly number[]): number => pairs.reduce((count, pair) => count + (missing[pair] ?? 0), 0);

  const added: T[] = [];
  for (;;) {
    let most = { count: 0, pairs: [] as number[], candidate: undefined as T | undefined };
    for (const one of open) {
      const count = countMissing(one.pairs);
      if (count > most.count) most = { ...one, count };
    }
    if (most.candidate === undefined) return added;
    added.push(most.candidate);
    for (const pair of most.pairs) missing[pair] = 0;
  }
}
