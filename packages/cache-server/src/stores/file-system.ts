import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { link, mkdir, open, readdir, rmdir, stat, unlink, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { isHash, isNamespace } from '../protocol.ts';
import type { EntryKey, ListedEntry, Store } from './store.ts';
import { codeOf, explained, ifThere, isFull, ofOneEntry, reasonOfOneEntry } from './file-errors.ts';
import { BodySizeError, checkHash, checkKey, TOUCH_PRECISION_MS } from './store.ts';
import { openFile } from './open-file.ts';

/** No upload takes longer; a process id may have been given to another process since. */
const LEFTOVER_MS = 6 * 3_600_000;

/**
 * Entries as files in a directory: `entries/<namespace>/<first two characters of hash>/<hash>`. Creates the directory if necessary.
 *
 * The modification time of a file is the last use of the entry, because back-ups and virus scanners change the access time. Its
 * birth time is the creation. Several servers on one machine may share a directory.
 *
 * A hash that was retired is an empty file `deleted/<hash>`. What the server may not read in its directory (`lost+found`, files of another
 * user) is skipped.
 *
 * @param root absolute path
 * @param warn called once for each directory that is skipped
 * @example
 * const store = await fileSystemStore('/var/cache/nx');
 */
export async function fileSystemStore(root: string, warn: (message: string) => void = () => {}): Promise<Store> {
  const entries = join(root, 'entries');
  const incoming = join(root, 'incoming');
  const retired = join(root, 'deleted');
  const skipped = new Set<string>();
  const fileOf = ({ namespace, hash }: EntryKey) => join(entries, namespace, hash.slice(0, 2), hash);

  await explained(`open the store ${root}`, async () => {
    for (const directory of [entries, incoming]) await makeDirectory(directory);
    await removeLeftovers(incoming);
    await probeLinks(incoming, entries);
  });

  return {
    async create(key, body, size) {
      checkKey(key);
      const file = fileOf(key);
      const temporary = join(incoming, temporaryName());
      return explained(`write ${file}`, async () => {
        if (await exists(file)) return 'exists';
        const handle = await open(temporary, 'wx', 0o600);
        try {
          try {
            await writeAll(handle, body, size);
            await handle.datasync();
          } finally {
            await handle.close();
          }
          return await publish(temporary, file);
        } finally {
          await ifThere(unlink(temporary));
        }
      });
    },

    async open(key) {
      checkKey(key);
      const file = fileOf(key);
      return explained(`read ${file}`, async () => {
        try {
          // O_NONBLOCK: a FIFO in its place would wait for a writer.
          const handle = await ifThere(open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK));
          return handle && (await openFile(handle, file));
        } catch (cause) {
          throw ofOneEntry(`read ${file}`, cause);
        }
      });
    },

    async touch(key, now) {
      checkKey(key);
      const file = fileOf(key);
      await explained(`touch ${file}`, async () => {
        const found = await ifThere(stat(file));
        if (found && now.getTime() - found.mtimeMs >= TOUCH_PRECISION_MS) await ifThere(utimes(file, now, now));
      });
    },

    async delete(key) {
      checkKey(key);
      const file = fileOf(key);
      return explained(`delete ${file}`, async () => {
        try {
          if (!(await ifThere(unlink(file).then(() => true)))) return false;
        } catch (cause) {
          throw ofOneEntry(`delete ${file}`, cause);
        }
        await removeEmpty(dirname(file), entries);
        return true;
      });
    },

    async retire(hash) {
      checkHash(hash);
      await explained(`write ${join(retired, hash)}`, async () => {
        await makeDirectory(retired);
        await (await open(join(retired, hash), 'a', 0o600)).close();
        await sync(retired);
      });
    },

    async isRetired(hash) {
      checkHash(hash);
      return explained(`read ${join(retired, hash)}`, () => exists(join(retired, hash)));
    },

    async *list() {
      await explained(`read ${entries}`, () => readdir(entries)); // an empty listing would pass for an empty store
      yield* listFiles(entries, (path, problem) => {
        if (!skipped.has(path)) warn(`skipped ${path} in the store: ${problem}`);
        skipped.add(path);
      });
    },
  };
}

/** One pass over `body`, a chunk at a time: it is never kept. */
async function writeAll(handle: FileHandle, body: ReadableStream<Uint8Array>, size: number): Promise<void> {
  let written = 0;
  const reader = body.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      written += next.value.length;
      if (written > size) throw new BodySizeError(`the body has more than the announced ${size} bytes`);
      await handle.writeFile(next.value);
    }
  } finally {
    reader.releaseLock();
  }
  if (written < size) throw new BodySizeError(`the body ended after ${written} of ${size} bytes`);
}

/** `link` fails when the name is taken, where `rename` would replace it: of two writers one wins. */
async function publish(temporary: string, file: string): Promise<'created' | 'exists'> {
  const directory = dirname(file);
  for (let attempt = 1; ; attempt++) {
    try {
      const made = await makeDirectory(directory);
      await link(temporary, file);
      // The name must survive a power cut as the bytes do; so must the directories that it stands in, when they are new.
      await sync(directory);
      if (made) for (let parent = dirname(directory); parent.length >= dirname(made).length; parent = dirname(parent)) await sync(parent);
      return 'created';
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return 'exists';
      // delete() removed the empty directory between mkdir and link.
      if (codeOf(error) !== 'ENOENT' || attempt === 5) throw error;
    }
  }
}

/** Makes a directory and those above it. Returns the first one that it made. */
async function makeDirectory(path: string): Promise<string | undefined> {
  try {
    return await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    // Node's recursive mkdir says ENOENT when the disk is full.
    const missing = (await exists(dirname(path))) ? path : dirname(path);
    const probe = await mkdir(missing, { mode: 0o700 }).catch((reason: unknown) => reason);
    throw isFull(probe) ? probe : error;
  }
}

async function sync(directory: string): Promise<void> {
  const handle = await ifThere(open(directory, constants.O_RDONLY | constants.O_DIRECTORY));
  try {
    await handle?.sync();
  } finally {
    await handle?.close();
  }
}

/** Tells that a path in the store cannot be read. */
type Skip = (path: string, problem: string) => void;

async function* listFiles(entries: string, skip: Skip): AsyncIterable<ListedEntry> {
  for (const namespace of (await namesIn(entries, skip)).filter(isNamespace)) {
    for (const prefix of (await namesIn(join(entries, namespace), skip)).filter((name) => isHash(name) && name.length <= 2)) {
      const directory = join(entries, namespace, prefix);
      for (const hash of (await namesIn(directory, skip)).filter(isHash)) {
        const found = await readable(directory, skip, stat(join(directory, hash)));
        if (!found?.isFile()) continue;
        // A file system without birth times says 0.
        const created = found.birthtimeMs > 0 ? found.birthtime : found.mtime;
        yield { key: { namespace, hash }, size: found.size, created, used: found.mtime > created ? found.mtime : created };
      }
    }
  }
}

async function namesIn(directory: string, skip: Skip): Promise<string[]> {
  return (await readable(directory, skip, readdir(directory))) ?? [];
}

/** Undefined when there is nothing, or nothing that this user may read: one bad directory must not keep from the others. */
async function readable<T>(path: string, skip: Skip, result: Promise<T>): Promise<T | undefined> {
  try {
    return await explained(`read ${path}`, () => ifThere(result));
  } catch (error) {
    const { cause } = error as Error;
    if (codeOf(cause) === 'ENOTDIR') return undefined;
    const reason = reasonOfOneEntry(cause);
    if (reason === undefined) throw error;
    skip(path, reason);
    return undefined;
  }
}

/** The directories from `directory` up to `top` (which stays) as far as they are empty: a closed pull request leaves no trace. */
async function removeEmpty(directory: string, top: string): Promise<void> {
  try {
    for (let path = directory; path !== top; path = dirname(path)) await rmdir(path);
  } catch {
    // Not empty, a mount point, or of another user: a directory that stays does no harm.
  }
}

/** Names the writing process, so that a later process recognises leftovers. Containers share process ids, not host names. */
const temporaryName = (): string => `${process.pid}@${hostname()}@${randomUUID()}`;

/** What a killed process did not finish. A file of a live process stays: another server may share the directory. */
async function removeLeftovers(incoming: string): Promise<void> {
  const started = Date.now() - process.uptime() * 1000;
  for (const name of await readdir(incoming)) {
    if (name.split('@').length !== 3) continue; // not from here: lost+found
    const written = (await ifThere(stat(join(incoming, name))))?.mtimeMs ?? 0;
    const [pid, host] = name.split('@');
    const isOurs = Number(pid) === process.pid && written >= started;
    const isDead = host === hostname() && !isOurs && (Number(pid) === process.pid || !isAlive(Number(pid)));
    if (isDead || Date.now() - written > LEFTOVER_MS) await ifThere(unlink(join(incoming, name)));
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

/** Says at the start, not at the first write, that the file system has no hard links or that it is not one file system. */
async function probeLinks(incoming: string, entries: string): Promise<void> {
  const [from, to] = [join(incoming, temporaryName()), join(entries, `.${randomUUID()}`)];
  await (await open(from, 'wx', 0o600)).close();
  try {
    await link(from, to);
    await unlink(to);
  } finally {
    await unlink(from);
  }
}

const exists = async (file: string): Promise<boolean> => (await ifThere(stat(file))) !== undefined;
