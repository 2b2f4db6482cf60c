import { BuildError, run } from '@container-os/core';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { PassThrough, Readable, type Transform, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { Blob } from './content.ts';

/** How a layer is compressed: by its first bytes, since media types are often wrong. What comes out is verified by its diff id. */
export type Compression = 'gzip' | 'zstd' | 'none';

export async function compressionOf({ path, offset, size }: Blob): Promise<Compression> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, Math.min(4, size), offset);
    if (bytesRead >= 2 && buffer.readUInt16BE() === 0x1f8b) return 'gzip';
    const magic = bytesRead === 4 ? buffer.readUInt32LE() : 0;
    // A frame, or one to skip: zstd:chunked begins with data, but others may not. Source: RFC 8878, 3.1.
    return magic === 0xfd2fb528 || (magic & 0xfffffff0) >>> 0 === 0x184d2a50 ? 'zstd' : 'none';
  } finally {
    await file.close();
  }
}

/** Passes the bytes of `blob` through `compressed`, uncompressed to `output`: memory does not grow with it. `place` names it in messages. */
export async function decompress(blob: Blob, compressed: Transform, output: [Transform, Writable], place: string, signal: AbortSignal): Promise<void> {
  const input =
    blob.size === 0 ? Readable.from([]) : createReadStream(blob.path, { start: blob.offset, end: blob.offset + blob.size - 1, highWaterMark: 1 << 18 });
  const compression = await compressionOf(blob);
  if (compression === 'none') return pipeline(input, compressed, ...output, { signal });
  if (compression === 'gzip')
    return pipeline(input, compressed, createGunzip({ chunkSize: 1 << 18 }), ...output, { signal }).catch((error: unknown) => {
      throw isOfZlib(error) ? damaged(place, 'gzip', error) : error;
    });
  await zstd(input, compressed, output, place, signal);
}

/** Node 20 has no zstd: the program has to be among the utilities of the target. */
async function zstd(input: Readable, compressed: Transform, output: [Transform, Writable], place: string, signal: AbortSignal): Promise<void> {
  const failed = new AbortController();
  const [before, after] = [new PassThrough(), new PassThrough()];
  const all = { signal: AbortSignal.any([signal, failed.signal]) };
  const program = run(['zstd', '--decompress', '--stdout', '--quiet'], { ...all, input: before, output: after });
  const results = await Promise.allSettled(
    [pipeline(input, compressed, before, all), program, pipeline(after, ...output, all)].map((one) =>
      Promise.resolve<unknown>(one).catch((error: unknown) => {
        failed.abort(error);
        throw error;
      }),
    ),
  );
  signal.throwIfAborted();
  const faults = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
  // When the program ends early, the others only tell that it is gone.
  const ofProgram = faults.find((fault) => fault instanceof BuildError && fault.code === 'COMMAND_FAILED');
  if (ofProgram) throw damaged(place, 'zstd', ofProgram);
  if (faults.length > 0) throw faults.find((fault) => fault instanceof BuildError) ?? faults[0];
}

function isOfZlib(error: unknown): boolean {
  return /^Z_/.test((error as NodeJS.ErrnoException).code ?? '');
}

function damaged(place: string, format: string, cause: unknown): BuildError {
  return new BuildError('LAYER_DAMAGED', `${place}: its ${format} data is damaged or cut: ${(cause as Error).message}`, {
    cause,
    hint: 'The bytes are those that the manifest names: the image was pushed like this. Have it built and pushed again.',
  });
}
