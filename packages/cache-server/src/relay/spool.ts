import { createHash, randomUUID } from 'node:crypto';
import { open, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { startFormCheck, type FormError } from '../form.ts';
import { Fault } from './fault.ts';

const CHUNK = 64 * 1024;

/** A body that arrived whole. `close` or the end of `read` frees its disk space. */
export interface Spooled {
  size: number;
  /** Hexadecimal. */
  sha256: string;
  /** Why it is not what Nx sends and reads. */
  formError: FormError | undefined;
  read(): ReadableStream<Uint8Array>;
  close(): Promise<void>;
}

/**
 * Writes `body` to an unnamed file in `directory`, which disappears even if this process is killed. Keeps one chunk in memory.
 * Calls `onChunk` with the size of each chunk.
 *
 * @throws Fault 'too-large' above `maxSize` bytes, and any error of `body` or the disk. The file is gone then.
 * @example
 * const spooled = await spool(response.body, '/tmp', 1e9);
 */
export async function spool(body: AsyncIterable<Uint8Array>, directory: string, maxSize: number, onChunk?: (bytes: number) => void): Promise<Spooled> {
  const file = await openUnlinked(directory);
  const sha256 = createHash('sha256');
  const form = startFormCheck();
  let formError: FormError | undefined;
  const inspect = async (look: () => Promise<void>): Promise<void> => {
    if (formError === undefined) await look().catch((error: FormError) => (formError = error));
  };
  let size = 0;
  try {
    for await (const chunk of body) {
      size += chunk.length;
      if (size > maxSize) throw new Fault('too-large', `the body has more than ${maxSize} bytes`);
      sha256.update(chunk);
      await inspect(() => form.add(chunk));
      for (let done = 0; done < chunk.length;) done += (await file.write(chunk, done)).bytesWritten;
      onChunk?.(chunk.length);
    }
    await inspect(() => form.end());
  } catch (error) {
    form.stop();
    await file.close();
    throw error;
  }
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => (closed ??= file.close());
  return { size, sha256: sha256.digest('hex'), formError, read: () => readAndClose(file, size, close), close };
}

async function openUnlinked(directory: string): Promise<FileHandle> {
  const path = join(directory, `cache-relay-${randomUUID()}`);
  const file = await open(path, 'wx+', 0o600);
  await unlink(path);
  return file;
}

/** Reads a chunk only when the reader asks for one. */
function readAndClose(file: FileHandle, size: number, close: () => Promise<void>): ReadableStream<Uint8Array> {
  let position = 0;
  return new ReadableStream<Uint8Array>(
    {
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
    },
    { highWaterMark: 0 },
  );
}
