import { BuildError } from '@container-os/core/errors';
import { SOURCE_DATE_EPOCH } from '@container-os/core/source-date-epoch';
import { walk, type Found } from '@container-os/core/walk';
import { open, rename, rm, stat } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { decode } from './decode.ts';
import { encode } from './encode.ts';
import { comparePaths, type Entry } from './entry.ts';
import { FileOnDisk } from './file-on-disk.ts';
import { FIELD_MAX, fileTooLarge } from './newc.ts';
import { toTree } from './tree.ts';

/** How a directory on disk becomes entries. The checkout's owner, dates and umask do not matter. */
export interface TreeOptions {
  /** Prefix of each path: `usr/lib`. */
  below?: string;
  /** Default: root. */
  uid?: number;
  /** Default: root. */
  gid?: number;
  /** Default: `SOURCE_DATE_EPOCH`. */
  mtime?: number;
}

/**
 * Files, directories and symlinks below `directory`, sorted. Modes are 0755 for directories and for files that their owner may
 * execute, else 0644. A hard link becomes a file of its own, because checkouts differ in hard links. Content is read only when
 * the layer is written.
 *
 * @throws BuildError DIRECTORY_MISSING, FILE_TYPE_UNSUPPORTED (a socket, fifo or device), FILE_TOO_LARGE,
 * CPIO_PATH_INVALID, SCRIPT_CRLF.
 *
 * @example
 * await writeLayer(join(out, 'layer.cpio'), await readTree(context.file('rootfs')));
 */
export async function readTree(directory: string, options: TreeOptions = {}): Promise<Entry[]> {
  const entries: Entry[] = [];
  try {
    for (const found of walk(directory)) {
      entries.push(readEntry(found, options));
      // Synchronous calls are three times as fast for small files; yield every 256 entries so that Ctrl-C works.
      if (entries.length % 256 === 0) await setImmediate();
    }
  } catch (cause) {
    const { code, path } = cause as NodeJS.ErrnoException;
    if (path !== directory || (code !== 'ENOENT' && code !== 'ENOTDIR')) throw cause;
    throw new BuildError('DIRECTORY_MISSING', `${directory} is ${code === 'ENOENT' ? 'not there' : 'not a directory'}`, {
      cause,
      hint: 'Create the directory, or correct the option that names it.',
    });
  }
  return entries.sort((a, b) => comparePaths(a.path, b.path));
}

function readEntry(found: Found, { below, uid = 0, gid = 0, mtime = SOURCE_DATE_EPOCH }: TreeOptions): Entry {
  const { file } = found;
  if (found.path.includes('\ufffd'))
    throw new BuildError('CPIO_PATH_INVALID', `${file}: the name is not UTF-8`, { hint: 'Rename the file: paths in an image are UTF-8.' });
  const common = { path: below ? `${below}/${found.path}` : found.path, uid, gid, mtime };
  switch (found.type) {
    case 'file': {
      const size = Number(found.stat.size);
      if (size > FIELD_MAX) throw fileTooLarge(file, size);
      const data = new FileOnDisk(file, size);
      if (found.executable) refuseCrlf(data);
      return { type: 'file', ...common, mode: found.executable ? 0o755 : 0o644, data };
    }
    case 'directory':
      return { type: 'directory', ...common, mode: 0o755 };
    case 'symlink':
      return { type: 'symlink', ...common, mode: 0o777, target: found.target };
    case 'other':
      throw new BuildError('FILE_TYPE_UNSUPPORTED', `${file} is neither file, directory nor symlink`, {
        hint: 'Remove it; plugins make the device nodes of an image.',
      });
  }
}

/** The kernel takes a CR for a part of the interpreter's name, or of its argument: no such script runs. */
function refuseCrlf(data: FileOnDisk): void {
  const line = /^#![^\n]*\r(?=\n)/.exec(Buffer.from(data.subarray(0, 256).bytes()).toString('latin1'))?.[0];
  if (line === undefined) return;
  throw new BuildError('SCRIPT_CRLF', `${data.path}: the first line ends in CR LF, expected LF: ${JSON.stringify(line)}`, {
    hint: 'Save the script with LF line ends. If git wrote CR LF (core.autocrlf), add "* text=auto eol=lf" to .gitattributes and check the files out again.',
  });
}

/**
 * Writes a layer: `entries`, sorted and with their parent directories ({@link toTree}). The file gets its name only
 * when it is complete.
 */
export async function writeLayer(file: string, entries: readonly Entry[]): Promise<void> {
  const partial = `${file}.partial-${process.pid}`;
  try {
    const output = await open(partial, 'w');
    try {
      // Write one piece while reading the next.
      let written: Promise<unknown> = Promise.resolve();
      for (const piece of gathered(encode(toTree(entries)))) {
        await written;
        written = output.writeFile(piece);
        // If reading fails first, report that error.
        written.catch(() => undefined);
      }
      await written;
    } finally {
      await output.close();
    }
    await rename(partial, file);
  } finally {
    await rm(partial, { force: true });
  }
}

/** Bytes per write. */
const AT_ONCE = 1 << 20;

/**
 * Joins small chunks: a write for each header and each padding would take longer than the files. Uses two buffers in turn, because
 * fresh memory costs more than a copy: a piece is valid until the one after the next is requested.
 */
function* gathered(chunks: Iterable<Uint8Array | FileOnDisk>): Generator<Uint8Array> {
  let [buffer, other] = [Buffer.allocUnsafeSlow(AT_ONCE), Buffer.allocUnsafeSlow(AT_ONCE)];
  let length = 0;
  for (const chunk of chunks) {
    for (let position = 0; position < chunk.length;) {
      if (length === AT_ONCE) {
        yield buffer;
        [buffer, other] = [other, buffer];
        length = 0;
      }
      const count = Math.min(chunk.length - position, AT_ONCE - length);
      if (chunk instanceof FileOnDisk) chunk.copy(buffer, length, count, position);
      else buffer.set(count === chunk.length ? chunk : chunk.subarray(position, position + count), length);
      position += count;
      length += count;
    }
  }
  yield buffer.subarray(0, length);
}

/** The entries of a layer, or of any newc archive. File contents stay on disk until they are read. */
export async function readLayer(file: string): Promise<Entry[]> {
  try {
    return decode(new FileOnDisk(file, (await stat(file)).size));
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    throw new BuildError(error.code, `${file}: ${error.message}`, { cause: error, ...(error.hint ? { hint: error.hint } : {}) });
  }
}
