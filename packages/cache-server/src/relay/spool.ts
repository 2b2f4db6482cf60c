import { createHash, randomUUID } from 'node:crypto';
import { open, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from './fault.ts';

const CHUNK = 64 * 1024;

/** A body that arrived whole. `close` or the end of `read` gives its disk space back. */
export interface Spooled {
  size: number;
  /** Hexadecimal. */
  sha256: string;
  read(): ReadableStream<Uint8Array>;
  close(): Promise<void>;
}

/**
 * Writes `body` to a file in `directory` that has no name, so that nothing is left whatever kills this process. Memory stays at one
 * chunk. `onChunk` is told of each.
 *
 * @throws Fault 'too-large' past `maxSize` bytes, and what `body` or the disk throws; the file is gone then
 * @example
 * const spooled = await spool(response.body, '/tmp', 1e9);
 */
export async function spool(body: AsyncIterable<Uint8Array>, directory: string, maxSize: number, onChunk?: (bytes: number) => void): Promise<Spooled> {
  const file = await openUnlinked(directory);
  const sha256 = createHash('sha256');
  let size = 0;
  try {
    for await (const chunk of body) {
      size += chunk.length;
      if (size > maxSize) throw new Fault('too-large', `the body is larger than ${maxSize} bytes`);
      sha256.update(chunk);
      for (let done = 0; done < chunk.length;) done += (await file.write(chunk, done)).bytesWritten;
      onChunk?.(chunk.length);
    }
  } catch (error) {
    await file.close();
    throw error;
  }
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => (closed ??= file.close());
  return { size, sha256: sha256.digest('hex'), read: () => readAndClose(file, size, close), close };
}

async function openUnlinked(directory: string): Promise<FileHandle> {
  const path = join(directory, `cache-relay-${randomUUID()}`);
  const file = await open(path, 'wx+', 0o600);
  await unlink(path);
  return file;
}

/** One chunk is read when one is asked for. */
function readAndClose(file: FileHandle, size: number, close: () => Promise<void>): ReadableStream<Uint8Array> {
  let position = 0;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const chunk = new Uint8Array(Math.min(CHUNK, size - position));
      const { bytesRead } = await file.read(chunk, 0, chunk.length, position);
      position += bytesRead;
      if (bytesRead > 0) controller.enqueue(chunk.subarray(0, bytesRead));
      if (position < size && bytesRead > 0) return;
      await close();
      controller.close();
    },
    cancel: close,
  }, { highWaterMark: 0 });
}
