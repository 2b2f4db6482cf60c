import { FileOnDisk } from '@container-os/cpio';
import type { RootEntry } from '../root/entry.ts';
import { encodeTar, TAR_END } from './write.ts';

/** Bytes per piece. */
const AT_ONCE = 1 << 18;

/**
 * A tar archive as a stream of pieces, for a command's standard input. `written` says afterwards how much it was.
 *
 * @example
 * await run(['mksquashfs', '-', output, '-tar'], { input: Readable.from(new TarStream([root]), { objectMode: false }) });
 */
export class TarStream implements AsyncIterable<Buffer> {
  /** Bytes of all files, and the number of entries. */
  readonly written = { bytes: 0, entries: 0 };
  readonly #parts: readonly (Iterable<RootEntry> | AsyncIterable<RootEntry>)[];

  /** `parts` follow one another in one archive. */
  constructor(parts: readonly (Iterable<RootEntry> | AsyncIterable<RootEntry>)[]) {
    this.#parts = parts;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    // Small chunks are joined: a write for each header would take longer than the files. The reader may keep a piece, so that each gets fresh memory.
    let [buffer, length] = [Buffer.allocUnsafeSlow(AT_ONCE), 0];
    for await (const chunk of this.#chunks()) {
      for (let position = 0; position < chunk.length;) {
        const count = Math.min(chunk.length - position, AT_ONCE - length);
        if (chunk instanceof FileOnDisk) chunk.copy(buffer, length, count, position);
        else buffer.set(chunk.subarray(position, position + count), length);
        position += count;
        length += count;
        if (length < AT_ONCE) continue;
        yield buffer;
        [buffer, length] = [Buffer.allocUnsafeSlow(AT_ONCE), 0];
      }
    }
    yield buffer.subarray(0, length);
  }

  async *#chunks(): AsyncGenerator<Uint8Array | FileOnDisk> {
    for (const part of this.#parts) {
      for await (const entry of part) {
        this.written.entries++;
        if (entry.type === 'file') this.written.bytes += entry.data.length;
        yield* encodeTar([entry]);
      }
    }
    yield TAR_END;
  }
}
