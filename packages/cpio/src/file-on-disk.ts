import { BuildError } from '@container-os/core/errors';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** Bytes per read. */
const BLOCK = 1 << 16;

/** A file's content, or a part of it, that is read only when needed: a tree may be larger than memory. */
export class FileOnDisk {
  readonly path: string;
  readonly length: number;
  /** Offset of the part in the file. */
  readonly #start: number;
  /** Size of the whole file when it was found. */
  readonly #size: number;
  #block = { start: 0, bytes: new Uint8Array(0) };

  constructor(path: string, size: number, start = 0, length = size - start) {
    this.path = path;
    this.length = length;
    this.#start = start;
    this.#size = size;
  }

  /** A part of the content, like `Uint8Array.subarray`; reads nothing. */
  subarray(begin: number, end: number): FileOnDisk {
    const start = Math.min(begin, this.length);
    return new FileOnDisk(this.path, this.#size, this.#start + start, Math.max(0, Math.min(end, this.length) - start));
  }

  /** Copies `count` bytes from `position` to `target` at `offset`. @throws BuildError FILE_CHANGED if the file's length has changed. */
  copy(target: Uint8Array, offset: number, count: number, position: number): void {
    const descriptor = openSync(this.path, 'r');
    try {
      const { size } = fstatSync(descriptor);
      if (size !== this.#size) throw this.#changed(size);
      for (let done = 0; done < count;) {
        // node:fs reads at most 2 GiB at a time; the format allows 4.
        const bytesRead = readSync(descriptor, target, offset + done, Math.min(count - done, 1 << 30), this.#start + position + done);
        if (bytesRead === 0) throw this.#changed(this.#start + position + done);
        done += bytesRead;
      }
    } finally {
      closeSync(descriptor);
    }
  }

  /** The bytes from `begin` to `end`, from a cached block: for many small consecutive pieces. */
  peek(begin: number, end: number): Uint8Array {
    const [from, to] = [Math.min(begin, this.length), Math.min(end, this.length)];
    const { start, bytes } = this.#block;
    if (from < start || to > start + bytes.length) {
      const block = Buffer.allocUnsafeSlow(Math.min(Math.max(to - from, BLOCK), this.length - from));
      this.copy(block, 0, block.length, from);
      this.#block = { start: from, bytes: block };
    }
    return this.#block.bytes.subarray(from - this.#block.start, to - this.#block.start);
  }

  bytes(): Uint8Array {
    const all = Buffer.allocUnsafeSlow(this.length);
    this.copy(all, 0, this.length, 0);
    return all;
  }

  #changed(size: number): BuildError {
    return new BuildError('FILE_CHANGED', `${this.path} has ${size} bytes; it had ${this.#size} when the build began`, {
      hint: 'Run the build again when nothing writes to the file.',
    });
  }
}

/** Content as bytes in memory. */
export function bytesOf(data: Uint8Array | FileOnDisk): Uint8Array {
  return data instanceof FileOnDisk ? data.bytes() : data;
}

/** Content in pieces of at most 1 MiB, in one buffer: a piece is valid until the next one is requested. */
export function* piecesOf(data: Uint8Array | FileOnDisk): Generator<Uint8Array> {
  if (!(data instanceof FileOnDisk)) return yield data;
  const buffer = Buffer.allocUnsafeSlow(Math.min(data.length, 1 << 20));
  for (let position = 0; position < data.length; position += buffer.length) {
    const piece = buffer.subarray(0, Math.min(buffer.length, data.length - position));
    data.copy(piece, 0, piece.length, position);
    yield piece;
  }
}
