import { bytesOf } from '@container-os/cpio';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { flatten } from '../src/root/flatten.ts';
import { readTar } from '../src/tar/read.ts';
import { archive, directory, file, useArchives } from './archive.ts';

const archives = useArchives();
const LONG = `${'directory/'.repeat(20)}name`;

/** A directory of files with each kind of content, as another program's archive. */
async function foreign(...argv: [string, ...string[]]): Promise<Map<string, Buffer>> {
  const tree = join(archives.root, 'tree');
  mkdirSync(join(tree, LONG, '..'), { recursive: true });
  writeFileSync(join(tree, LONG), 'long');
  writeFileSync(join(tree, 'plain'), 'plain'.repeat(1000));
  writeFileSync(join(tree, 'sparse'), 'begin');
  truncateSync(join(tree, 'sparse'), 3_000_000);
  // More parts than a header has room for.
  const parts = Buffer.alloc(3_000_000);
  for (let at = 0; at < 40; at++) parts.write(`part ${at}`, at * 65_536 + 4096);
  // One that a piece begins within.
  for (let at = 50_000; at < 120_000; at++) parts[at] = 1 + (at % 255);
  writeFileSync(join(tree, 'parts'), parts);
  execFileSync('cp', ['--sparse=always', join(tree, 'parts'), join(tree, 'many')]);
  const tar = join(archives.root, 'foreign.tar');
  execFileSync(argv[0], [...argv.slice(1), '-cf', tar, '-C', tree, '.'], { stdio: 'pipe' });
  const root = await flatten([{ path: tar, diffId: 'sha256:d' }]);
  const names = [LONG, 'plain', 'sparse', 'many'];
  for (const name of names) {
    const entry = root.get(name);
    const expected = readFileSync(join(tree, name));
    if (entry?.type !== 'file') throw new Error(`no ${name}`);
    expect(Buffer.from(bytesOf(entry.data)).equals(expected), name).toBe(true);
    // In pieces, as it is packed.
    if (entry.data instanceof Uint8Array) continue;
    const piece = Buffer.alloc(70_000);
    entry.data.copy(piece, 0, Math.min(70_000, entry.data.length), entry.data.length > 140_000 ? 66_000 : 0);
    const from = entry.data.length > 140_000 ? 66_000 : 0;
    expect(piece.subarray(0, Math.min(70_000, entry.data.length)).equals(expected.subarray(from, from + 70_000)), name).toBe(true);
    if (entry.data.length < 140_000) continue;
    expect(Buffer.from(entry.data.subarray(66_000, 140_000).bytes()).equals(expected.subarray(66_000, 140_000)), name).toBe(true);
  }
  return new Map([...readTar(tar)].map((entry) => [entry.name.toString(), Buffer.from(String(entry.extents?.length ?? 0))]));
}

describe('archives of GNU tar', () => {
  it.each([
    ['its own form', ['--format=gnu']],
    ['its own form, sparse', ['--format=gnu', '--sparse']],
    ['pax', ['--format=posix']],
    ['pax, sparse 0.0', ['--format=posix', '--sparse', '--sparse-version=0.0']],
    ['pax, sparse 0.1', ['--format=posix', '--sparse', '--sparse-version=0.1']],
    ['pax, sparse 1.0', ['--format=posix', '--sparse', '--sparse-version=1.0']],
  ])('in %s: long names and contents are those of the files', async (name, flags) => {
    const extents = await foreign('tar', ...flags);
    expect(Number(extents.get('./many') ?? 0) > 25).toBe(name.includes('sparse'));
  });
});

describe('numbers', () => {
  it('are octal, or base 256, or in a pax header', async () => {
    const base256 = Buffer.from('80000000003b9aca', 'hex');
    const path = await archives.write(
      archive([
        file('a', '', { patch: { 108: base256, 136: Buffer.from('ffffffffffffffffffffffff', 'hex') } }),
        file('b', '', { pax: { uid: '3000000000', gid: '7', mtime: '12.9' }, patch: { 136: '    17\0' } }),
        file('c', '', { patch: { 100: '   644 \0' } }),
      ]),
    );
    expect([...readTar(path)].map(({ uid, gid, mtime, mode }) => [uid, gid, mtime, mode.toString(8)])).toEqual([
      [0x3b9aca, 0, -1, '644'],
      [3_000_000_000, 7, 12, '644'],
      [0, 0, 1_700_000_000, '644'],
    ]);
  });
});

describe('names', () => {
  it('have the prefix of ustar, which GNU does not have', async () => {
    const path = await archives.write(
      archive([
        file('b', '', { patch: { 345: 'a/prefix' } }),
        file('c', '', { patch: { 257: 'ustar  \0', 345: 'no/prefix' } }),
        file('old/', '', { patch: { 156: Buffer.from([0]) } }),
      ]),
    );
    expect([...readTar(path)].map(({ name, type }) => [name.toString(), type])).toEqual([
      ['a/prefix/b', 'file'],
      ['c', 'file'],
      ['old/', 'directory'],
    ]);
  });

  it('of a global pax header count for nobody, as with Docker', async () => {
    const path = await archives.write(archive([{ name: 'pax_global_header', flag: 'g', content: '12 path=no\n' }, file('yes')]));
    expect([...readTar(path)].map(({ name }) => name.toString())).toEqual(['yes']);
  });
});

describe('refuses, with the byte', () => {
  const good = archive([directory('a'), file('a/b', 'content')]);
  it.each<[string, Buffer, RegExp]>([
    ['a header that was changed', Buffer.from(good).fill(0x41, 600, 601), /the checksum of a header is \d+, the header says \d+ \(byte 512 of the archive\)$/],
    ['what is no tar', Buffer.from('not a tar '.repeat(100)), /the checksum in a header is "/],
    ['an end within a header', good.subarray(0, 700), /the archive ends after 700 bytes, within a header \(byte 512/],
    ['an end within a content', good.subarray(0, 1024), /"a\/b" has 7 bytes, but the archive ends before/],
    ['a single block of zeros', Buffer.concat([Buffer.alloc(512), good]), /a single block of zeros, where two end an archive/],
    ['an unknown type', archive([file('x', '', { flag: 'V' })]), /"x" has the unknown type "V"/],
    ['a pax header without records', archive([{ name: 'p', flag: 'x', content: 'nonsense' }]), /byte 0 of a pax header begins no record/],
    ['a pax record beyond its header', archive([{ name: 'p', flag: 'x', content: '99 path=a\n' }]), /begins no record/],
    ['a pax header of 2 MB', archive([{ name: 'p', flag: 'x', content: Buffer.alloc(2_000_000) }]), /has 2000000 bytes, at most 1048576 are read/],
    ['a size that is no number', archive([file('x', '', { pax: { size: '-1' } })]), /"size" in a pax header is "-1", no number/],
    ['a negative size', archive([file('x', '', { patch: { 124: Buffer.alloc(12, 0xff) } })]), /the size in a header is/],
    ['a size beyond 2⁵³', archive([file('x', '', { patch: { 124: Buffer.alloc(12, 0x7f).fill(0x80, 0, 1) } })]), /the size in a header is/],
    [
      'a sparse file whose parts overlap',
      archive([file('x', 'abcd', { pax: { 'GNU.sparse.size': '9', 'GNU.sparse.map': '4,2,3,2' } })]),
      /the map of a sparse file of 9 bytes has 2 bytes at 3/,
    ],
    ['a sparse file with parts beyond its end', archive([file('x', 'abcd', { pax: { 'GNU.sparse.size': '9', 'GNU.sparse.map': '6,4' } })]), /has 4 bytes at 6/],
    [
      'a sparse file with parts that are not stored',
      archive([file('x', 'ab', { pax: { 'GNU.sparse.size': '9', 'GNU.sparse.map': '0,4' } })]),
      /names 4 bytes, the archive has 2 of it/,
    ],
    [
      'a sparse file of too many parts',
      archive([file('x', '9999999\n'.padEnd(512, '\0'), { pax: { 'GNU.sparse.major': '1', 'GNU.sparse.realsize': '9' } })]),
      /has 9999999 parts, more than 1000000/,
    ],
  ])('%s', async (_, bytes, message) => {
    const path = await archives.write(bytes);
    expect(() => [...readTar(path)]).toThrow(expect.objectContaining({ code: 'TAR_DAMAGED', message: expect.stringMatching(message) as string }) as Error);
  });
});
