import { BuildError } from '@container-os/core/errors';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** A file's content that is read when it is needed: a tree may be larger than memory. */
export class FileOnDisk {
  readonly path: string;
  /** Bytes, when it was found. */
  readonly length: number;

  constructor(path: string, length: number) {
    this.path = path;
    this.length = length;
  }

  /** Copies `count` bytes from `position` on to `target`, at `offset`. Error: `FILE_CHANGED`, when its length is another one by now. */
  copy(target: Uint8Array, offset: number, count: number, position: number): void {
    const descriptor = openSync(this.path, 'r');
    try {
      const { size } = fstatSync(descriptor);
      if (size !== this.length) throw this.#changed(size);
      for (let done = 0; done < count; ) {
        // node:fs reads at most 2 GiB at a time; the format holds 4.
        const bytesRead = readSync(descriptor, target, offset + done, Math.min(count - done, 1 << 30), position + done);
        if (bytesRead === 0) throw this.#changed(position + done);
        done += bytesRead;
      }
    } finally {
      closeSync(descriptor);
    }
  }

  bytes(): Uint8Array {
    const all = Buffer.allocUnsafeSlow(this.length);
    this.copy(all, 0, this.length, 0);
    return all;
  }

  #changed(size: number): BuildError {
    return new BuildError('FILE_CHANGED', `${this.path} has ${size} bytes, and had ${this.length} when the build began`, { hint: 'Run the build again when nothing writes to it.' });
  }
}

/** Content in memory, wherever it was. */
export function bytesOf(data: Uint8Array | FileOnDisk): Uint8Array {
  return data instanceof FileOnDisk ? data.bytes() : data;
}
