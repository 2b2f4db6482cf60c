/** A request's body of which part may be left unread. */
export interface Body {
  /** Read it once. Cancelling it leaves the rest to {@link drain}. */
  stream: ReadableStream<Uint8Array>;
  /**
   * Reads the rest and forgets it, so that a client that sends before it listens (nx does) gets to hear the answer. After `limit` bytes
   * it gives up and the connection is cut.
   */
  drain(limit: number): Promise<void>;
}

/**
 * Keeps the reader of `source`, which a store's failure would otherwise cancel: that would cut the connection before the answer.
 *
 * @example
 * const body = openBody(request.body);
 * try { await store.create(key, body.stream, size); } catch { await body.drain(size); }
 */
export function openBody(source: ReadableStream<Uint8Array> | null): Body {
  const reader = source?.getReader();
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const next = await reader?.read();
      if (!next || next.done) controller.close();
      else controller.enqueue(next.value);
    },
  }, { highWaterMark: 0 });
  return {
    stream,
    async drain(limit) {
      try {
        for (let read = 0, next = await reader?.read(); next && !next.done; next = await reader?.read()) {
          read += next.value.length;
          if (read > limit) return await reader?.cancel();
        }
      } catch { /* the client is gone */ }
    },
  };
}
