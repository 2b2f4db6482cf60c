/** As many as Docker pulls at a time. Source: docs.docker.com, dockerd, --max-concurrent-downloads. */
const AT_ONCE = 3;

/**
 * The results of `work` on `items`, in their order; three items are worked on at a time. The first error stops the others, and is thrown once all have
 * ended.
 */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  signal: AbortSignal,
  work: (item: Item, signal: AbortSignal) => Promise<Result>,
): Promise<Result[]> {
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const results: Result[] = [];
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) {
      either.throwIfAborted();
      results[index] = await work(item, either);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, () => worker().catch((error: unknown) => failed.abort(error))));
  failed.signal.throwIfAborted();
  return results;
}
