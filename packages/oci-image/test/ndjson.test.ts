import { bytesOf, fileEntry } from '@container-os/cpio';
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { RootEntry } from '../src/root/entry.ts';
import { flatten } from '../src/root/flatten.ts';
import { readRoot, writeRoot, type RootHeader } from '../src/root/ndjson.ts';
import { placeEntry, placeRoot } from '../src/root/place.ts';
import { archive, directory, file, link, symlink, useArchives, type Member } from './archive.ts';

const archives = useArchives();
const HEADER: RootHeader = {
  container: 'web',
  layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: 'sha256:b', size: 1, diffId: 'sha256:d' }],
  origin: { registry: 'docker.io', repository: 'library/nginx' },
};
const WEB = { below: 'containers/web/rootfs', firstId: 131_072, ids: 65_536 };

async function rootOf(members: Member[]): ReturnType<typeof flatten> {
  return flatten([{ path: await archives.write(archive(members)), diffId: 'sha256:d' }]);
}

async function all(entries: AsyncIterable<RootEntry>): Promise<RootEntry[]> {
  const found: RootEntry[] = [];
  for await (const entry of entries) found.push(entry);
  return found;
}

describe('root.ndjson', () => {
  it('has one line an entry, in the ids and below the directory of its container, with the place of each content', async () => {
    const capability = Buffer.from('0100000200040000000000000000000000000000', 'hex');
    const tar = archive([
      directory('.', { mode: 0o555 }),
      file('b', 'content', { uid: 33, gid: 65_535, mode: 0o4755, pax: { 'SCHILY.xattr.security.capability': capability } }),
      link('c', 'b'),
      symlink('d', '/b'),
      file('e'),
    ]);
    const path = await archives.write(tar);
    const target = join(archives.root, 'golden.ndjson');
    const entries = [...placeRoot(await flatten([{ path, diffId: 'sha256:d' }]), WEB), placeEntry(fileEntry('etc/hosts', 'hi'), WEB)];
    expect(await writeRoot(target, HEADER, entries)).toBe(6);
    expect((await readFile(target, 'utf8')).split('\n')).toMatchInlineSnapshot(`
      [
        "{"container":"web","layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"sha256:b","size":1,"diffId":"sha256:d"}],"origin":{"registry":"docker.io","repository":"library/nginx"}}",
        "{"path":"containers/web/rootfs","mode":365,"uid":131072,"gid":131072,"mtime":1700000000,"type":"directory"}",
        "{"path":"containers/web/rootfs/b","mode":2541,"uid":131105,"gid":196607,"mtime":1700000000,"xattrs":{"security.capability":"AQAAAgAEAAAAAAAAAAAAAAAAAAA="},"type":"file","layer":0,"offset":2048,"size":7}",
        "{"path":"containers/web/rootfs/c","mode":2541,"uid":131105,"gid":196607,"mtime":1700000000,"xattrs":{"security.capability":"AQAAAgAEAAAAAAAAAAAAAAAAAAA="},"type":"file","hardLinkTo":"containers/web/rootfs/b"}",
        "{"path":"containers/web/rootfs/d","mode":511,"uid":131072,"gid":131072,"mtime":1700000000,"type":"symlink","target":"/b"}",
        "{"path":"containers/web/rootfs/e","mode":420,"uid":131072,"gid":131072,"mtime":1700000000,"type":"file"}",
        "{"type":"file","path":"containers/web/rootfs/etc/hosts","mode":420,"uid":131072,"gid":131072,"mtime":1735689600,"data":"aGk="}",
        "",
      ]
    `);
    const { header, entries: read } = await readRoot(target);
    expect(header).toEqual(HEADER);
    const again = await all(read([path]));
    expect(again.map(({ path }) => path)).toEqual(entries.map(({ path }) => path));
    expect(again.flatMap((entry) => (entry.type === 'file' ? [Buffer.from(bytesOf(entry.data)).toString()] : []))).toEqual(['content', '', '', 'hi']);
    expect((await readdir(archives.root)).filter((name) => name.includes('partial'))).toEqual([]);
  });

  it('keeps any name: a line ends at LF alone', async () => {
    const target = join(archives.root, 'names.ndjson');
    const odd = ['a\nb', 'a\rb', 'a\u2028b', 'ü', '😀', '"\\'];
    await writeRoot(target, HEADER, (await rootOf(odd.map((name) => file(name)))).entries());
    const read = await all((await readRoot(target)).entries());
    expect(read.map(({ path }) => path).sort()).toEqual([...odd].sort());
  });

  it('cannot have content of elsewhere, and leaves nothing half-written', async () => {
    const target = join(archives.root, 'broken.ndjson');
    const failing = function* (): Generator<RootEntry> {
      yield fileEntry('a', 'a');
      throw new Error('on purpose');
    };
    await expect(writeRoot(target, HEADER, failing())).rejects.toThrow('on purpose');
    expect((await readdir(archives.root)).filter((name) => name.startsWith('broken'))).toEqual([]);
  });
});

describe('a root in its place', () => {
  it('refuses an owner beyond the ids of a container, and says how many there are and why', async () => {
    const root = await rootOf([file('home/big', '', { gid: 65_536 })]);
    expect(() => [...placeRoot(root, WEB)]).toThrow(
      expect.objectContaining({
        code: 'IMAGE_OWNER_OUT_OF_RANGE',
        message: '"home/big" belongs to 0:65536; a container has the ids 0 to 65535',
        hint: expect.stringContaining('65534') as string,
      }) as Error,
    );
  });

  it('refuses a path that Linux could not take', async () => {
    const long = Array.from({ length: 20 }, () => 'x'.repeat(203)).join('/');
    const root = await rootOf([file('x', '', { pax: { path: long } })]);
    expect(() => [...placeRoot(root, WEB)]).toThrow(expect.objectContaining({ code: 'IMAGE_PATH_TOO_LONG' }) as Error);
  });

  it('moves the root user of a capability of revision 3, and leaves one of revision 2', async () => {
    const revision = (hex: string): Buffer => Buffer.from(hex, 'hex');
    const two = revision('0100000200040000000000000000000000000000');
    const three = revision('010000030004000000000000000000000000000001000000');
    const root = await rootOf([
      file('2', '', { pax: { 'SCHILY.xattr.security.capability': two } }),
      file('3', '', { pax: { 'SCHILY.xattr.security.capability': three } }),
    ]);
    const [, second, third] = [...placeRoot(root, WEB)].map(({ xattrs }) => Buffer.from(xattrs?.['security.capability'] ?? '', 'base64').toString('hex'));
    expect(second).toBe(two.toString('hex'));
    expect(third).toBe('010000030004000000000000000000000000000001000200');
  });
});

it('a root of 50,000 entries is held in 20 MB, and its file is the same each time', async () => {
  const path = await archives.write(
    Buffer.concat([
      ...Array.from({ length: 50 }, (_, index) => {
        const files = Array.from({ length: 1000 }, (_, at) => file(`usr/lib/node_modules/package-${index}/dist/module-${at}.js`, `${at}`));
        return archive(files).subarray(0, -1024);
      }),
      Buffer.alloc(1024),
    ]),
  );
  const [first, second] = [join(archives.root, 'first'), join(archives.root, 'second')];
  const before = heapUsed();
  const root = await flatten([{ path, diffId: 'sha256:d' }]);
  expect(await writeRoot(first, HEADER, placeRoot(root, WEB))).toBe(50_000 + 50 + 50 + 4);
  expect(heapUsed() - before).toBeLessThan(20e6);
  await writeRoot(second, HEADER, placeRoot(root, WEB));
  const sum = async (name: string): Promise<string> =>
    createHash('sha256')
      .update(await readFile(name))
      .digest('hex');
  expect(await sum(first)).toBe(await sum(second));
});

/** Bytes on the heap that are in use. */
function heapUsed(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}
