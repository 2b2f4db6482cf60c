import type { ServerResponse } from 'node:http';

/** Bytes of one read and write. */
const CHUNK = 256 * 1024;

/**
 * Sends a response whose body is a byte stream of known length (an entry in a file) through one buffer, which is reused after each
 * write. Returns false without touching any other response.
 *
 * The default reader took twice the CPU time for the same: it needs a new buffer for each chunk and the queue of the stream.
 */
export async function sendBytes(response: Response, outgoing: ServerResponse): Promise<boolean> {
  const length = Number(response.headers.get('Content-Length') ?? 0);
  const reader = length > 0 ? byteReader(response.body) : undefined;
  if (!reader) return false;
  const cancel = (): void => void reader.cancel().catch(() => undefined);
  outgoing.once('close', cancel);
  try {
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    let buffer = new Uint8Array(Math.min(CHUNK, length));
    for (let next = await reader.read(buffer); !next.done; next = await reader.read(buffer)) {
      await write(outgoing, next.value);
      buffer = new Uint8Array(next.value.buffer);
    }
    outgoing.end();
  } catch (error) {
    outgoing.destroy(error as Error); // too late for an error status: the client sees a truncated body
    cancel();
  }
  return true;
}

function byteReader(body: ReadableStream<Uint8Array> | null): ReadableStreamBYOBReader | undefined {
  try {
    return body?.getReader({ mode: 'byob' });
  } catch {
    return undefined; // not a byte stream
  }
}

function write(outgoing: ServerResponse, chunk: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => outgoing.write(chunk, (error) => (error ? reject(error) : resolve())));
}
