/** The body of a request. Part of it may stay unread. */
export interface Body {
  /** Read this once. After a cancel, {@link drain} can still read the rest. */
  stream: ReadableStream<Uint8Array>;
  /**
   * Discards the rest, because a client such as Nx reads the answer only after it has sent its whole body. Cuts the connection after
   * `limit` bytes.
   */
  drain(limit: number): Promise<void>;
}

/**
 * Shields `source` from being cancelled when its consumer fails: a cancel would cut the connection before the answer is sent.
 *
 * @example
 * const body = openBody(request.body);
 * try { await store.create(key, body.stream, size); } catch { await body.drain(size); }
 */
export function openBody(source: ReadableStream<Uint8Array> | null): Body {
  const reader = source?.getReader();
  const stream = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await reader?.read();
        if (!next || next.done) controller.close();
        else controller.enqueue(next.value);
      },
    },
    { highWaterMark: 0 },
  );
  return {
    stream,
    async drain(limit) {
      try {
        for (let read = 0, next = await reader?.read(); next && !next.done; next = await reader?.read()) {
          read += next.value.length;
          if (read > limit) return await reader?.cancel();
        }
      } catch {
        /* the client disconnected */
      }
    },
  };
}
