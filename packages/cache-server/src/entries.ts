import { decodeTrailer, TRAILER_SIZE, type Trailer } from './entry.ts';
import { UnreadableEntryError, type EntryKey, type Store } from './stores/store.ts';

/** An open entry: body and trailer. */
export interface OpenEntry {
  key: EntryKey;
  /** Size of the body in bytes. */
  size: number;
  trailer: Trailer;
  version: string;
  isLocal: boolean;
  /** The bytes of the body from `start` up to `end`. Call it before `body`. */
  read(start: number, end: number): ReadableStream<Uint8Array>;
  /** The body. Call either this, once, or `close`. */
  body(): ReadableStream<Uint8Array>;
  close(): Promise<void>;
}

/** The store has the entry, but it is damaged, or was not written by this program. */
export class CorruptEntryError extends Error {
  override readonly name = 'CorruptEntryError';

  constructor({ namespace, hash }: EntryKey, problem: string) {
    super(`entry ${hash} in namespace ${namespace}: ${problem}. Clients see a miss, and cannot replace it: remove it by "delete ${hash}".`);
  }
}

/** Whether an error is that of one entry: the client is to see a miss. */
export function isOfOneEntry(error: unknown): error is Error {
  return error instanceof CorruptEntryError || error instanceof UnreadableEntryError;
}

/**
 * Opens the entry in the first namespace that has it.
 *
 * @throws CorruptEntryError, UnreadableEntryError
 */
export async function openEntry(store: Store, namespaces: readonly string[], hash: string): Promise<OpenEntry | undefined> {
  for (const namespace of namespaces) {
    const key = { namespace, hash };
    const stored = await store.open(key);
    if (!stored) continue;
    const { version, isLocal, read } = stored;
    const size = stored.size - TRAILER_SIZE;
    const close = (): Promise<void> => stored.close();
    let trailer: Trailer | undefined;
    try {
      trailer = size < 0 ? undefined : decodeTrailer(await readAll(read(size, stored.size)));
    } finally {
      if (!trailer) await close();
    }
    if (!trailer) throw new CorruptEntryError(key, 'it has no trailer: it is truncated, or another program wrote it');
    return {
      key,
      size,
      trailer,
      version,
      isLocal,
      read,
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
