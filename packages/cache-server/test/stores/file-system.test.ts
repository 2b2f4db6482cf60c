import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { collect, describeStore, streamOf } from '../store-conformance.ts';
import { fileSystemStore } from '../../src/stores/file-system.ts';
import { StoreFullError, StoreUnavailableError } from '../../src/stores/store.ts';

const temporary: string[] = [];
async function directory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'store-'));
  temporary.push(path);
  return path;
}
afterAll(() => Promise.all(temporary.map((path) => rm(path, { recursive: true, force: true }))));

const key = { namespace: 'trusted', hash: '12345' };

describeStore('file system', async () => {
  const root = await directory();
  return { store: await fileSystemStore(root), leftovers: () => readdir(join(root, 'incoming')) };
});

describe('the file system store', () => {
  it('lets nobody else read: directories 0700, files 0600', async () => {
    const root = join(await directory(), 'new');
    const store = await fileSystemStore(root);
    await store.create(key, streamOf(Buffer.from('a')), 1);
    const mode = async (...path: string[]) => ((await stat(join(root, ...path))).mode & 0o777).toString(8);
    expect(await mode('entries', 'trusted', '12', '12345')).toBe('600');
    for (const path of [['entries'], ['incoming'], ['entries', 'trusted'], ['entries', 'trusted', '12']]) expect(await mode(...path)).toBe('700');
  });

  it('reads an entry to its end that is deleted meanwhile', async () => {
    const store = await fileSystemStore(await directory());
    const bytes = Buffer.alloc(3_000_000, 7);
    await store.create(key, streamOf(bytes), bytes.length);
    const entry = (await store.open(key))!;
    await store.delete(key);
    expect((await collect(entry.read(0, entry.size))).equals(bytes)).toBe(true);
    await entry.close();
  });

  it('leaves no directory of a namespace behind when its last entry is deleted', async () => {
    const root = await directory();
    const store = await fileSystemStore(root);
    await store.create(key, streamOf(Buffer.from('a')), 1);
    await store.delete(key);
    expect(await readdir(join(root, 'entries'))).toEqual([]);
  });

  it('creates while the directory of its neighbour is removed', async () => {
    const store = await fileSystemStore(await directory());
    await Promise.all(
      Array.from({ length: 8 }, async (_, writer) => {
        for (let round = 0; round < 30; round++) {
          const one = { namespace: 'pr-1', hash: `12${writer}` };
          expect(await store.create(one, streamOf(Buffer.from('a')), 1)).toBe('created');
          expect(await store.delete(one)).toBe(true);
        }
      }),
    );
  });

  it('removes what a killed process left, and not what a live one writes', async () => {
    const root = await directory();
    await mkdir(join(root, 'incoming'));
    const gone = spawn('true');
    await once(gone, 'exit');
    const live = spawn('sleep', ['60']);
    const names = {
      dead: `${gone.pid}@${hostname()}@a`,
      live: `${live.pid}@${hostname()}@a`,
      elsewhere: `${gone.pid}@other-host@a`,
      old: `1@other-host@b`,
      reused: `${process.pid}@${hostname()}@a`,
      own: `${process.pid}@${hostname()}@b`,
    };
    for (const name of Object.values(names)) await writeFile(join(root, 'incoming', name), 'half');
    const ago = (hours: number) => new Date(Date.now() - hours * 3_600_000);
    await utimes(join(root, 'incoming', names.old), ago(7), ago(7));
    await utimes(join(root, 'incoming', names.reused), ago(5), ago(5));
    try {
      await fileSystemStore(root);
      expect((await readdir(join(root, 'incoming'))).sort()).toEqual([names.live, names.elsewhere, names.own].sort());
    } finally {
      live.kill();
    }
  });

  it('does not follow a symbolic link out of its directory', async () => {
    const root = await directory();
    const store = await fileSystemStore(root);
    await mkdir(join(root, 'entries', 'trusted', '12'), { recursive: true });
    await symlink('/etc/passwd', join(root, 'entries', 'trusted', '12', '12345'));
    await expect(store.open(key)).rejects.toThrow('the entry is a symbolic link');
  });

  it('does not list files that are not entries', async () => {
    const root = await directory();
    const store = await fileSystemStore(root);
    await mkdir(join(root, 'entries', 'trusted', '12', '12345'), { recursive: true });
    await mkdir(join(root, 'entries', 'lost+found'));
    await writeFile(join(root, 'entries', 'trusted', '12', '.hidden'), '');
    await writeFile(join(root, 'entries', 'trusted', 'file'), '');
    const listed = [];
    for await (const entry of store.list()) listed.push(entry);
    expect(listed).toEqual([]);
  });

  it('says what is wrong with a directory that it cannot use', async () => {
    const file = join(await directory(), 'file');
    await writeFile(file, '');
    await expect(fileSystemStore(file)).rejects.toThrow(StoreUnavailableError);
    await expect(fileSystemStore(file)).rejects.toThrow(`cannot open the store ${file}: part of the path is not a directory`);
  });

  it('closes the file of each entry that was read, cancelled or only opened', async () => {
    const store = await fileSystemStore(await directory());
    await store.create(key, streamOf(Buffer.alloc(1_000_000)), 1_000_000);
    const openFiles = async () => (await readdir('/proc/self/fd')).length;
    const before = await openFiles();
    for (let round = 0; round < 50; round++) {
      const entry = (await store.open(key))!;
      if (round % 3 === 1) await collect(entry.read(0, entry.size));
      if (round % 3 === 2) await entry.read(0, entry.size).cancel();
      await entry.close();
    }
    expect(await openFiles()).toBeLessThan(before + 10);
  });
});

// A real small disk: needs the right to mount, as in CI's container or as root.
describe.skipIf(process.getuid?.() !== 0)('the file system store on a full disk', () => {
  it('refuses the write, leaves nothing, keeps serving and takes entries again when there is space', async () => {
    const root = await directory();
    await run('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', root]);
    try {
      const store = await fileSystemStore(root);
      const [small, big] = [Buffer.alloc(1_000_000, 1), Buffer.alloc(3_000_000, 2)];
      expect(await store.create(key, streamOf(small), small.length)).toBe('created');
      await expect(store.create({ ...key, hash: '2' }, streamOf(big), big.length)).rejects.toThrow(StoreFullError);
      expect(await readdir(join(root, 'incoming'))).toEqual([]);
      const entry = (await store.open(key))!;
      expect((await collect(entry.read(0, entry.size))).equals(small)).toBe(true);
      await entry.close();
      await store.delete(key);
      expect(await store.create({ ...key, hash: '3' }, streamOf(small), small.length)).toBe('created');
    } finally {
      await run('umount', [root]);
    }
  });
});

async function run(command: string, args: string[]): Promise<void> {
  const [code] = await once(spawn(command, args, { stdio: 'inherit' }), 'exit');
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} exited with ${code}`);
}
