import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { deleteEntries } from '../src/house-keeping/delete-entries.ts';
import type { EntryKey, ListedEntry, Store } from '../src/stores/store.ts';
import { collect, streamOf } from './streams.ts';
import { BodySizeError, InvalidKeyError } from '../src/stores/store.ts';

/** A store to test, and what the suite cannot ask a `Store`. */
export interface StoreUnderTest {
  /** A store that is empty at first. */
  store: Store;
  /** Names of everything that the driver has put anywhere and that is not a whole entry or its last use. */
  leftovers(): Promise<string[]>;
}

const MiB = 1024 * 1024;

/**
 * What every driver of `Store` keeps to. `make` is called once; each test has keys of its own.
 *
 * @param bigSize bytes of the biggest entry: more than the driver writes in one piece
 */
export function describeStore(driver: string, make: () => Promise<StoreUnderTest>, { bigSize = 20 * MiB, count = 300 } = {}): void {
  describe(`the ${driver} as a store`, () => {
    let made: Promise<StoreUnderTest> | undefined;
    const under = () => (made ??= make());
    const key = (): EntryKey => ({ namespace: 'trusted', hash: BigInt(`0x${randomBytes(8).toString('hex')}`).toString() });

    it('gives back the bytes that were created', async () => {
      const { store } = await under();
      const [one, bytes] = [key(), randomBytes(100_003)];
      expect(await store.create(one, streamOf(bytes), bytes.length)).toBe('created');
      expect(sha256(await readAll(store, one))).toBe(sha256(bytes));
      expect(await (await under()).leftovers()).toEqual([]);
    });

    it('keeps entries of no bytes and of one byte', async () => {
      const { store } = await under();
      for (const bytes of [Buffer.alloc(0), Buffer.from('x')]) {
        const one = key();
        expect(await store.create(one, streamOf(bytes), bytes.length)).toBe('created');
        expect(sha256(await readAll(store, one))).toBe(sha256(bytes));
      }
    });

    it('keeps an entry that is bigger than one part, and reads any range of it', async () => {
      const { store, leftovers } = await under();
      const [one, bytes] = [key(), randomBytes(bigSize)];
      expect(await store.create(one, streamOf(bytes, 64 * 1024 - 1), bytes.length)).toBe('created');
      const entry = (await store.open(one))!;
      expect(entry.size).toBe(bigSize);
      const ranges: [number, number][] = [
        [0, bigSize],
        [bigSize - 104, bigSize],
        [0, bigSize - 104],
        [5 * MiB - 1, 5 * MiB + 1],
        [7, 7],
      ];
      for (const [start, end] of ranges) {
        expect(sha256(await collect(entry.read(start, end)))).toBe(sha256(bytes.subarray(start, end)));
      }
      await entry.close();
      expect(await leftovers()).toEqual([]);
    });

    it('leaves the entry that is there, and does not need the body for that', async () => {
      const { store } = await under();
      const one = key();
      await store.create(one, streamOf(Buffer.from('first')), 5);
      expect(await store.create(one, streamOf(Buffer.from('other')), 5)).toBe('exists');
      expect((await readAll(store, one)).toString()).toBe('first');
    });

    it.each([
      ['small', 1000],
      ['big', bigSize],
    ])("lets one of eight writers of a %s entry win, and keeps that one's bytes", async (_, size) => {
      const { store, leftovers } = await under();
      const one = key();
      const bodies = Array.from({ length: 8 }, (__, index) => Buffer.alloc(size, index + 1));
      const results = await Promise.all(bodies.map((body) => store.create(one, streamOf(body), size)));
      expect(results.filter((result) => result === 'created')).toHaveLength(1);
      expect(sha256(await readAll(store, one))).toBe(sha256(bodies[results.indexOf('created')]!));
      expect(await leftovers()).toEqual([]);
    });

    it('keeps the namespaces apart', async () => {
      const { store } = await under();
      const one = key();
      await store.create(one, streamOf(Buffer.from('trusted')), 7);
      expect(await store.open({ ...one, namespace: 'pr-1' })).toBeUndefined();
      await store.create({ ...one, namespace: 'pr-1' }, streamOf(Buffer.from('other!!')), 7);
      expect((await readAll(store, one)).toString()).toBe('trusted');
    });

    it.each([
      ['shorter', -1],
      ['longer', 1],
    ])('refuses a body that is %s than announced and leaves nothing', async (_, difference) => {
      const { store, leftovers } = await under();
      for (const size of [1000, bigSize]) {
        const one = key();
        await expect(store.create(one, streamOf(Buffer.alloc(size + difference)), size)).rejects.toThrow(BodySizeError);
        expect(await store.open(one)).toBeUndefined();
      }
      expect(await leftovers()).toEqual([]);
    });

    it('throws the error of a body that breaks, and leaves nothing', async () => {
      const { store, leftovers } = await under();
      for (const size of [1000, bigSize]) {
        const one = key();
        const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' });
        await expect(store.create(one, streamOf(Buffer.alloc(size - 1), 64 * 1024, reset), size)).rejects.toBe(reset);
        expect(await store.open(one)).toBeUndefined();
      }
      expect(await leftovers()).toEqual([]);
    });

    it('shows an entry only when it is whole', async () => {
      const { store } = await under();
      const one = key();
      const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
      const created = store.create(one, readable, 10);
      const writer = writable.getWriter();
      await writer.write(Buffer.from('01234'));
      expect(await store.open(one)).toBeUndefined();
      expect((await listAll(store)).map(({ key: { hash } }) => hash)).not.toContain(one.hash);
      await writer.write(Buffer.from('56789'));
      await writer.close();
      expect(await created).toBe('created');
      expect((await readAll(store, one)).toString()).toBe('0123456789');
    });

    it('deletes, says whether there was something, and may create again', async () => {
      const { store } = await under();
      const one = key();
      expect(await store.delete(one)).toBe(false);
      await store.create(one, streamOf(Buffer.from('a')), 1);
      expect(await store.delete(one)).toBe(true);
      expect(await store.delete(one)).toBe(false);
      expect(await store.open(one)).toBeUndefined();
      expect(await store.create(one, streamOf(Buffer.from('b')), 1)).toBe('created');
    });

    it('retires a hash for good, and deletes its entries in every namespace', async () => {
      const { store, leftovers } = await under();
      const [one, other] = [key(), key()];
      for (const namespace of ['trusted', 'pr-1']) await store.create({ ...one, namespace }, streamOf(Buffer.from('a')), 1);
      await store.create(other, streamOf(Buffer.from('b')), 1);
      expect(await deleteEntries(store, [one.hash, '404'], true)).toHaveLength(2);
      expect([await store.isRetired(one.hash), (await readAll(store, one)).toString()]).toEqual([false, 'a']);
      const found = await deleteEntries(store, [one.hash, '404'], false);
      expect(found.map(({ key: { namespace, hash } }) => `${namespace} ${hash}`).sort()).toEqual([`pr-1 ${one.hash}`, `trusted ${one.hash}`]);
      for (const namespace of ['trusted', 'pr-1']) expect(await store.open({ ...one, namespace })).toBeUndefined();
      expect(await Promise.all([one.hash, other.hash, '404'].map((hash) => store.isRetired(hash)))).toEqual([true, false, false]);
      await store.retire(one.hash);
      expect(await store.create(one, streamOf(Buffer.from('c')), 1)).toBe('created');
      expect([await store.isRetired(one.hash), (await listAll(store)).map(({ key: { hash } }) => hash).includes(one.hash)]).toEqual([true, true]);
      expect(await leftovers()).toEqual([]);
    });

    it('gives an entry that was written again another version', async () => {
      const { store } = await under();
      const one = key();
      const versions: string[] = [];
      for (const content of ['a', 'b']) {
        await store.create(one, streamOf(Buffer.from(content)), 1);
        const entry = (await store.open(one))!;
        versions.push(entry.version);
        await entry.close();
        await store.delete(one);
      }
      expect(versions[0]).not.toBe(versions[1]);
    });

    it('is not confused by a reader that goes away', async () => {
      const { store } = await under();
      const one = key();
      await store.create(one, streamOf(Buffer.alloc(bigSize)), bigSize);
      const entry = (await store.open(one))!;
      const reader = entry.read(0, bigSize).getReader();
      await reader.read();
      await reader.cancel();
      await entry.close();
      await entry.close();
      expect(await readAll(store, one)).toHaveLength(bigSize);
    });

    it('goes on with a read when it is closed meanwhile', async () => {
      const { store } = await under();
      const [one, bytes] = [key(), randomBytes(MiB)];
      await store.create(one, streamOf(bytes), MiB);
      const entry = (await store.open(one))!;
      const body = entry.read(0, MiB);
      await entry.close();
      expect(sha256(await collect(body))).toBe(sha256(bytes));
    });

    it('lists every entry with its size and times, from every namespace', async () => {
      const { store } = await under();
      const keys = Array.from({ length: count }, (_, index) => ({ namespace: index % 2 ? 'list-a' : 'list-b', hash: key().hash }));
      const before = Date.now();
      for (let at = 0; at < count; at += 20) {
        await Promise.all(keys.slice(at, at + 20).map((one, index) => store.create(one, streamOf(Buffer.alloc(at + index)), at + index)));
      }
      const listed = (await listAll(store)).filter(({ key: { namespace } }) => namespace.startsWith('list-'));
      const found = new Map(listed.map((entry) => [`${entry.key.namespace}/${entry.key.hash}`, entry]));
      expect(listed).toHaveLength(count);
      for (const [size, { namespace, hash }] of keys.entries()) {
        const entry = found.get(`${namespace}/${hash}`)!;
        expect(entry.size).toBe(size);
        // Object stores tell whole seconds.
        expect(entry.created.getTime()).toBeGreaterThanOrEqual(before - 2000);
        expect(entry.used.getTime()).toBeGreaterThanOrEqual(entry.created.getTime());
      }
    });

    it('remembers the last use, and writes it once an hour at most', async () => {
      const { store } = await under();
      const one = key();
      await store.create(one, streamOf(Buffer.from('a')), 1);
      const used = async () => (await listAll(store)).find(({ key: { hash } }) => hash === one.hash)!.used.getTime();
      const atFirst = await used();
      await sleep(1100);
      await store.touch(one, new Date());
      expect(await used()).toBe(atFirst);
      await store.touch(one, new Date(Date.now() + 2 * 3_600_000));
      expect(await used()).toBeGreaterThan(atFirst);
    });

    it('does not mind a touch of what is not there', async () => {
      const { store } = await under();
      const one = key();
      await store.touch(one, new Date());
      expect(await store.open(one)).toBeUndefined();
      expect((await listAll(store)).map(({ key: { hash } }) => hash)).not.toContain(one.hash);
    });

    it.each([
      ['../trusted', '1'],
      ['.', '1'],
      ['..', '1'],
      ['', '1'],
      ['a/b', '1'],
      ['a\0', '1'],
      ['Trusted', '1'],
      ['a'.repeat(65), '1'],
      ['trusted', '..'],
      ['trusted', '.a'],
      ['trusted', ''],
      ['trusted', '../../x'],
      ['trusted', 'a%2fb'],
      ['trusted', '1\n'],
      ['trusted', '1'.repeat(129)],
    ])('refuses the key %j / %j in every method', async (namespace, hash) => {
      const { store } = await under();
      const bad = { namespace, hash };
      for (const attempt of [
        () => store.create(bad, streamOf(Buffer.from('a')), 1),
        () => store.open(bad),
        () => store.touch(bad, new Date()),
        () => store.delete(bad),
        ...(namespace === 'trusted' ? [() => store.retire(hash), () => store.isRetired(hash)] : []),
      ]) {
        await expect(attempt()).rejects.toThrow(InvalidKeyError);
      }
    });
  });
}

async function readAll(store: Store, key: EntryKey): Promise<Buffer> {
  const entry = (await store.open(key))!;
  try {
    return await collect(entry.read(0, entry.size));
  } finally {
    await entry.close();
  }
}

async function listAll(store: Store): Promise<ListedEntry[]> {
  const entries: ListedEntry[] = [];
  for await (const entry of store.list()) entries.push(entry);
  return entries;
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
