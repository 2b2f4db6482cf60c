import { UsageError } from '../errors.ts';
import { HASH_RULE, isHash, isNamespace, NAMESPACE_RULE } from '../protocol.ts';

/** Names an entry. Both parts are checked by {@link checkKey} before they become a path or an object's key. */
export interface EntryKey {
  /** The trust domain that wrote the entry, such as `trusted` or `pr-12`. */
  namespace: string;
  /** Nx's hash of the task: decimal digits today. */
  hash: string;
}

/** An entry that is open for reading. It stays readable after it is deleted. */
export interface StoredEntry {
  /** Length in bytes, with the trailer (see `entry.ts`). */
  size: number;
  /** Differs when the bytes do, unless a disk damages them. */
  version: string;
  /** Whether reading it twice costs nothing but time: it is on a disk of this machine. */
  isLocal: boolean;
  /** The bytes from `start` up to, but not including, `end`. Read the stream to its end or cancel it. It errors when bytes are missing. */
  read(start: number, end: number): ReadableStream<Uint8Array>;
  /** Ends reading: running reads finish, further ones are not allowed. May be called right after `read`, and twice. */
  close(): Promise<void>;
}

/** An entry in {@link Store.list}. */
export interface ListedEntry {
  key: EntryKey;
  /** Length in bytes, with the trailer. */
  size: number;
  created: Date;
  /** The last use, precise to an hour; `created` when it was never used. */
  used: Date;
}

/**
 * Keeps entries: immutable byte strings with a name. Every driver passes `test/store-conformance.ts`.
 *
 * All methods throw {@link InvalidKeyError} for a malformed key, and {@link StoreUnavailableError} when the disk or service fails.
 *
 * @example
 * const store = await fileSystemStore('/var/cache/nx');
 * await store.create({ namespace: 'trusted', hash: '123' }, body, size); // 'created'
 */
export interface Store {
  /**
   * Creates the entry, or keeps an existing one. The entry appears whole or not at all. One of several writers wins.
   *
   * After `exists` or an error, `body` may be unread: the caller drains it. An error of `body` is rethrown, and nothing is left
   * behind.
   *
   * @throws {@link StoreFullError} when there is no space, {@link BodySizeError} when the size of `body` is not `size`.
   */
  create(key: EntryKey, body: ReadableStream<Uint8Array>, size: number): Promise<'created' | 'exists'>;
  /** The entry, or undefined when there is none. @throws {@link UnreadableEntryError} */
  open(key: EntryKey): Promise<StoredEntry | undefined>;
  /** Records that the entry was used at `now`, at most once an hour. Does nothing when there is no such entry. */
  touch(key: EntryKey, now: Date): Promise<void>;
  /** Deletes the entry. Returns whether there was one. @throws {@link UnreadableEntryError} when others can be deleted */
  delete(key: EntryKey): Promise<boolean>;
  /** Records for good that an operator deleted the entries of `hash`: only the trusted namespace may write them again. */
  retire(hash: string): Promise<void>;
  /** Whether `hash` was retired. */
  isRetired(hash: string): Promise<boolean>;
  /**
   * All entries in any order, without holding all of them in memory. May miss entries that are created or deleted meanwhile. Skips what
   * cannot be read, and tells of it once.
   */
  list(): AsyncIterable<ListedEntry>;
}

/** Precision of the last use: {@link Store.touch} writes nothing within this time of the previous touch. */
export const TOUCH_PRECISION_MS = 3_600_000;

/** Throws {@link InvalidKeyError} unless both parts of `key` are well-formed. */
export function checkKey({ namespace, hash }: EntryKey): void {
  if (!isNamespace(namespace)) throw new InvalidKeyError(`the namespace is ${JSON.stringify(namespace)}, expected ${NAMESPACE_RULE}`);
  checkHash(hash);
}

/** Throws {@link InvalidKeyError} unless `hash` is well-formed. */
export function checkHash(hash: string): void {
  if (!isHash(hash)) throw new InvalidKeyError(`the hash is ${JSON.stringify(hash)}, expected ${HASH_RULE}`);
}

/** The client sent a hash or namespace that could be another path. */
export class InvalidKeyError extends Error {
  override readonly name = 'InvalidKeyError';
}

/** The client sent fewer or more bytes than it announced. */
export class BodySizeError extends Error {
  override readonly name = 'BodySizeError';
}

/** The store has no space for the entry. Reads still work. */
export class StoreFullError extends UsageError {
  override readonly name = 'StoreFullError';

  constructor(message: string, { cause }: ErrorOptions = {}) {
    super('STORE_FULL', message, 'Run gc with a smaller --max-size, or enlarge the disk.', cause);
  }
}

/** The disk or service of the store fails: no file descriptors, no network, no permission. */
export class StoreUnavailableError extends UsageError {
  override readonly name: string = 'StoreUnavailableError';

  constructor(message: string, { cause }: ErrorOptions = {}) {
    super('STORE_UNAVAILABLE', message, undefined, cause);
  }
}

/** There is something in place of this entry that cannot be read: a directory, a link, a file of another user, a bad block. Others can be read. */
export class UnreadableEntryError extends StoreUnavailableError {
  override readonly name = 'UnreadableEntryError';
}
