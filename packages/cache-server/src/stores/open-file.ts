import type { FileHandle } from 'node:fs/promises';
import type { StoredEntry } from './store.ts';

/** Bytes that one read of a file takes: below 128 KiB the calls cost more than the bytes, above 512 KiB nothing is gained. */
const CHUNK = 256 * 1024;

/** An open file as an entry. The file is closed when `close` was called and no read is under way. */
export async function openFile(handle: FileHandle): Promise<StoredEntry> {
  const { size } = await handle.stat();
  let reads = 0;
  let closing = false;
  const closeIfUnused = async () => {
    if (closing && reads === 0) await handle.close();
  };

  return {
    size,
    read(start, end) {
      let position = start;
      reads++;
      const finish = () => {
        reads--;
        return closeIfUnused();
      };
      return new ReadableStream<Uint8Array>({
        async pull(controller) {
          try {
            const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafeSlow(Math.min(CHUNK, end - position)), 0, null, position);
            if (bytesRead === 0 && position < end) throw new Error(`the file ended at ${position}, expected ${end} bytes`);
            position += bytesRead;
            if (bytesRead > 0) controller.enqueue(buffer.subarray(0, bytesRead));
            if (position < end) return;
            await finish();
            controller.close();
          } catch (error) {
            await finish();
            throw error;
          }
        },
        cancel: finish,
      }, { highWaterMark: 0 });
    },
    close() {
      closing = true;
      return closeIfUnused();
    },
  };
}
