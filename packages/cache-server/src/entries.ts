import { decodeTrailer, TRAILER_SIZE, type Trailer } from './entry.ts';
import type { EntryKey, Store } from './stores/store.ts';

/** An open entry: body and trailer. */
export interface OpenEntry {
  key: EntryKey;
  /** Size of the body in bytes. */
  size: number;
  trailer: Trailer;
  /** The body. Call either this, once, or `close`. */
  body(): ReadableStream<Uint8Array>;
  close(): Promise<void>;
}

/** The store has the entry, but it is truncated or was not written by this program. */
export class CorruptEntryError extends Error {
  override readonly name = 'CorruptEntryError';
}

/**
 * Opens the entry in the first namespace that has it.
 *
 * @throws CorruptEntryError
 */
export async function openEntry(store: Store, namespaces: readonly string[], hash: string): Promise<OpenEntry | undefined> {
  for (const namespace of namespaces) {
    const key = { namespace, hash };
    const stored = await store.open(key);
    if (!stored) continue;
    const size = stored.size - TRAILER_SIZE;
    const trailer = size < 0 ? undefined : decodeTrailer(await readAll(stored.read(size, stored.size)));
    if (!trailer) {
      await stored.close();
      throw new CorruptEntryError(`entry ${hash} in namespace ${namespace} has no trailer: it is truncated, or another program wrote it`);
    }
    const close = (): Promise<void> => stored.close();
    return {
      key,
      size,
      trailer,
      close,
      body: () => {
        const stream = stored.read(0, size);
        void stored.close();
        return stream;
      },
    };
  }
  return undefined;
}

async function readAll(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}
