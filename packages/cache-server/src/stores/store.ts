import { HASH_RULE, isHash, isNamespace, NAMESPACE_RULE } from '../protocol.ts';

/** Names an entry. Both parts are checked by {@link checkKey} before they become a path or an object's key. */
export interface EntryKey {
  /** The trust domain that wrote the entry, such as `trusted` or `pr-12`. */
  namespace: string;
  /** Nx's hash of the task: decimal digits today. */
  hash: string;
}

/** An entry that is open for reading: it stays readable as it is, even when it is deleted meanwhile. */
export interface StoredEntry {
  /** Length in bytes, with the trailer (see `entry.ts`). */
  size: number;
  /** The bytes from `start` up to, but without, `end`. Cancel it or read it to its end. A stream that ends early errors. */
  read(start: number, end: number): ReadableStream<Uint8Array>;
  /** No further reads are begun; one under way goes on to its end. May be called at once after `read`, and twice. */
  close(): Promise<void>;
}

/** What {@link Store.list} tells of an entry. */
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
 * All methods throw {@link InvalidKeyError} for a key that is not one, and {@link StoreUnavailableError} when the disk or the
 * service behind does not work.
 *
 * @example
 * const store = await fileSystemStore('/var/cache/nx');
 * await store.create({ namespace: 'trusted', hash: '123' }, body, size); // 'created'
 */
export interface Store {
  /**
   * Creates the entry, or leaves the one that is there. The entry is visible whole or not at all. Of several writers one wins.
   *
   * `body` may not have been read when the answer is `exists` or an error: it is the caller's to drain. An error of `body` is
   * thrown as it is, and nothing stays behind.
   *
   * @throws {@link StoreFullError} when there is no space, {@link BodySizeError} when `body` does not have `size` bytes.
   */
  create(key: EntryKey, body: ReadableStream<Uint8Array>, size: number): Promise<'created' | 'exists'>;
  /** The entry, or undefined when there is none. */
  open(key: EntryKey): Promise<StoredEntry | undefined>;
  /** The entry was used at `now`. Written at most once an hour. Nothing happens when there is no such entry. */
  touch(key: EntryKey, now: Date): Promise<void>;
  /** Whether there was an entry to delete. */
  delete(key: EntryKey): Promise<boolean>;
  /** All entries, in no order, without holding them all in memory. An entry created or deleted meanwhile may be missing. */
  list(): AsyncIterable<ListedEntry>;
}

/** How exact the time of the last use is: a touch within this time of the last one writes nothing. */
export const TOUCH_PRECISION_MS = 3_600_000;

/** Throws {@link InvalidKeyError} unless both parts of `key` are well-formed. */
export function checkKey({ namespace, hash }: EntryKey): void {
  if (!isNamespace(namespace)) throw new InvalidKeyError(`the namespace is ${JSON.stringify(namespace)}, expected ${NAMESPACE_RULE}`);
  if (!isHash(hash)) throw new InvalidKeyError(`the hash is ${JSON.stringify(hash)}, expected ${HASH_RULE}`);
}

/** The client's fault: a name that may not be part of a path. */
export class InvalidKeyError extends Error {
  override readonly name = 'InvalidKeyError';
}

/** The client's fault: fewer or more bytes came than it announced. */
export class BodySizeError extends Error {
  override readonly name = 'BodySizeError';
}

/** There is no space for the entry. Reads go on. */
export class StoreFullError extends Error {
  override readonly name = 'StoreFullError';
}

/** The disk or the service behind the store does not work now: no file descriptors, no network, no permission. */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError';
}
