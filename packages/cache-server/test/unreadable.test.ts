// Directories and files that the server may not read, at each level of its store: a file system's lost+found, a restored backup of root.
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { deleteEntries } from '../src/house-keeping/delete-entries.ts';
import { stats } from '../src/house-keeping/stats.ts';
import { sweep } from '../src/house-keeping/evict.ts';
import { verify } from '../src/house-keeping/verify.ts';
import { fileSystemStore } from '../src/stores/file-system.ts';
import { UnreadableEntryError, type Store } from '../src/stores/store.ts';
import { main } from '../src/cli.ts';
import '../src/commands/keep-house.ts'; // loaded while this process may read it
import { formatError } from '../src/errors.ts';
import { entryBody } from './entry-body.ts';
import { streamOf } from './streams.ts';
import { encodeTrailer } from '../src/entry.ts';
import { createHash } from 'node:crypto';

const NOBODY = 65_534;
let root: string;
let warnings: string[];
let store: Store;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'store-unreadable-'));
  warnings = [];
  store = await fileSystemStore(root, (message) => warnings.push(message));
  const body = entryBody('x');
  const sealed = Buffer.concat([body, encodeTrailer({ sha256: createHash('sha256').update(body).digest(), signature: undefined })]);
  for (const [namespace, hash] of [
    ['trusted', '1200'],
    ['trusted', '3400'],
    ['pr-1', '5600'],
  ] as const)
    await store.create({ namespace, hash }, streamOf(sealed), sealed.length);
});
afterEach(() => {
  for (const path of ['', ...readdirSync(root, { recursive: true, encoding: 'utf8' })]) chmodSync(join(root, path), 0o700);
  rmSync(root, { recursive: true });
});

/** Runs `work` as a user who is not root, to whom the store belongs but for `kept` (modes 0). */
async function asUser<T>(kept: string[], work: () => Promise<T>): Promise<T> {
  for (const path of kept) chmodSync(join(root, path), 0);
  if (process.geteuid?.() !== 0) return work();
  const isKept = (path: string): boolean => kept.some((one) => path === one || path.startsWith(`${one}/`));
  for (const path of ['', ...readdirSync(root, { recursive: true, encoding: 'utf8' })]) if (!isKept(path)) chownSync(join(root, path), NOBODY, NOBODY);
  process.seteuid!(NOBODY);
  try {
    return await work();
  } finally {
    process.seteuid!(0);
  }
}

const LEVELS = ['lost+found', 'entries/lost+found', 'entries/trusted/lost+found', 'entries/trusted/12/lost+found', 'incoming/lost+found', 'deleted/lost+found'];

test('lost+found of another user at every level is no business of the store', async () => {
  for (const path of LEVELS) {
    mkdirSync(join(root, path), { recursive: true });
    utimesSync(join(root, path), 0, 0);
  }
  await asUser(LEVELS, async () => {
    const opened = await fileSystemStore(root, (message) => warnings.push(message));
    expect((await stats(opened)).map(({ namespace, entries }) => [namespace, entries]).sort()).toEqual([
      ['pr-1', 1],
      ['trusted', 2],
    ]);
    expect(await verify(opened, true)).toMatchObject({ entries: 3, corrupt: [] });
    expect(await sweep(opened, { maxSize: 1, maxAge: 0 }, new Date())).toMatchObject({ evicted: 3, entries: 0 });
  });
  expect(warnings).toEqual([]);
});

test.each([
  ['a namespace', 'entries/trusted', 1],
  ['a directory of hashes', 'entries/trusted/12', 2],
])('%s that cannot be read is skipped, told once, and its entries are misses', async (_, path, left) => {
  await asUser([path], async () => {
    for (let round = 0; round < 3; round++) {
      expect((await stats(store)).reduce((sum, { entries }) => sum + entries, 0)).toBe(left);
      expect(await verify(store, false)).toMatchObject({ entries: left, corrupt: [] });
    }
    await expect(store.open({ namespace: 'trusted', hash: '1200' })).rejects.toThrow(UnreadableEntryError);
    const entry = await store.open({ namespace: 'pr-1', hash: '5600' });
    expect(entry?.size).toBeGreaterThan(0);
    await entry?.close();
  });
  expect(warnings).toEqual([`skipped ${join(root, path)} in the store: permission denied: it must belong to the user that runs the server`]);
});

test('an entry that cannot be read is corrupt for verify, and one that cannot be deleted does not keep from the others', async () => {
  await asUser(['entries/trusted/12/1200'], async () => {
    const { corrupt } = await verify(store, false);
    expect(corrupt).toEqual([{ key: { namespace: 'trusted', hash: '1200' }, reason: expect.stringContaining('permission denied'), deleted: false }]);
  });
  chmodSync(join(root, 'entries/trusted/12'), 0o555);
  await asUser([], async () => {
    const found = await sweep(store, { maxSize: 1, maxAge: 0 }, new Date());
    expect(found).toMatchObject({ evicted: 2, entries: 1, stuck: expect.stringMatching(/^cannot delete .*1200: permission denied/) });
  });
});

test('a store that cannot be read at all is an error of the user, with the path', async () => {
  await asUser(['entries'], async () => {
    const failed = await stats(store).catch((error: unknown) => error);
    expect(formatError(failed)).toMatch(/^STORE_UNAVAILABLE: cannot read .*entries: permission denied/);
  });
});

test.skipIf(process.getuid?.() !== 0)(
  'a disk without space for a deletion is an error of the user, and nothing is deleted (needs root, for a tmpfs)',
  async () => {
    const full = mkdtempSync(join(tmpdir(), 'store-full-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'nr_inodes=8', 'tmpfs', full]);
    try {
      const small = await fileSystemStore(full);
      const one = { namespace: 'trusted', hash: '1' };
      await small.create(one, streamOf(Buffer.from('x')), 1);
      while (succeeds(() => writeFileSync(join(full, `file-${Math.random()}`), ''))) /* until there is no inode left */ ;
      const failed = await deleteEntries(small, ['1'], false).catch((error: unknown) => error);
      expect(formatError(failed)).toMatch(/^STORE_FULL: no space left to write .*deleted\/1\n {2}hint: Run gc/);
      await expect(small.open(one).then((entry) => entry?.close())).resolves.toBeUndefined();
      expect(await small.delete(one)).toBe(true);
    } finally {
      execFileSync('umount', [full]);
      rmSync(full, { recursive: true });
    }
  },
);

function succeeds(work: () => void): boolean {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}

test('the commands tell what they skipped, and no bug', async () => {
  const told = vi.spyOn(console, 'error').mockReturnValue();
  const out = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const codes = await asUser(['entries/trusted/12'], async () => {
    const found: number[] = [];
    for (const command of ['stats', 'verify', 'gc']) found.push(await main([command, '--directory', root], {}));
    return found;
  });
  out.mockRestore();
  expect(codes).toEqual([0, 0, 0]);
  expect(told.mock.calls).toHaveLength(3); // each command once
  expect(told.mock.calls[0]![0]).toMatch(/^skipped .*entries\/trusted\/12 in the store: permission denied/);
  told.mockRestore();
});
