import { BuildError } from '@container-os/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decode, directoryEntry, encode, fileEntry, toTree, type Entry } from '../src/index.ts';
import { plain, SAMPLE, toBuffer } from './sample.ts';

const archive = toBuffer(encode(SAMPLE));

/** One member, by the fields of its header that a test is about. */
function member(name: string | Buffer, data: string, { magic = '070701', ino = 0, mode = 0o100644, nlink = 1, check = 0 } = {}): Buffer {
  const bytes = Buffer.concat([Buffer.from(name), Buffer.alloc(1)]);
  const fields = [ino, mode, 0, 0, nlink, 0, data.length, 0, 0, 0, 0, bytes.length, check].map((value) => value.toString(16).padStart(8, '0'));
  const head = Buffer.concat([Buffer.from(magic + fields.join('')), bytes]);
  return Buffer.concat([head, Buffer.alloc((4 - (head.length % 4)) % 4), Buffer.from(data), Buffer.alloc((4 - (data.length % 4)) % 4)]);
}

const END = member('TRAILER!!!', '');
const read = (...parts: Buffer[]): Entry[] => decode(Buffer.concat(parts));

it('gives back what was written', () => {
  expect(plain(decode(archive))).toEqual(plain(SAMPLE));
});

it('reads archives that follow one another, with zero bytes between', () => {
  const early = toBuffer(encode([fileEntry('kernel/x86/microcode', 'abc')]));
  expect(read(early, Buffer.alloc(512), archive, Buffer.alloc(3)).map(({ path }) => path)).toEqual(['kernel/x86/microcode', ...SAMPLE.map(({ path }) => path)]);
  expect(read(early, archive)).toHaveLength(1 + SAMPLE.length);
});

it('does not link inodes of one archive with those of the next', () => {
  const part = [member('a', 'x', { ino: 1, nlink: 2 }), END];
  expect(read(...part, member('b', 'y', { ino: 1, nlink: 2 }), END)).not.toContainEqual(expect.objectContaining({ hardLinkTo: 'a' }));
});

it('as the kernel does, takes the last content of an inode, wherever it stands', () => {
  const link = { ino: 7, nlink: 3 };
  expect(read(member('a', '', link), member('b', 'old', link), member('c', 'new', link), END)).toMatchObject([
    { path: 'a', data: Buffer.from('new') },
    { path: 'b', hardLinkTo: 'a' },
    { path: 'c', hardLinkTo: 'a' },
  ]);
});

it('drops a leading ./ and the entry of the root itself', () => {
  expect(read(member('.', '', { mode: 0o40755 }), member('./a', ''), member('./', '', { mode: 0o40755 }), END).map(({ path }) => path)).toEqual(['a']);
});

it('verifies the checksum of magic 070702', () => {
  expect(read(member('a', 'ab', { magic: '070702', check: 195 }), END)).toHaveLength(1);
  expect(() => read(member('a', 'ab', { magic: '070702', check: 196 }), END)).toThrow(
    'archive is damaged at byte 0: the checksum of "a" is 195, its header says 196',
  );
});

it.each<[string, Buffer]>([
  ['it ends without a trailer', Buffer.alloc(0)],
  ['it ends within a header', Buffer.from('070701')],
  ['found gzip data; decompress it first?', Buffer.from('1f8b0800', 'hex')],
  ['found zstd data; decompress it first?', Buffer.from('28b52ffd', 'hex')],
  ['found lz4 data; decompress it first?', Buffer.from('02214c18', 'hex')],
  ['found xz data; decompress it first?', Buffer.from('fd377a585a00', 'hex')],
  ['expected a header with the magic 070701, found "070707"', member('a', '', { magic: '070707' })],
  ['"a" has the unknown file type 00', member('a', '', { mode: 0o644 })],
  ['"a" is a directory with 1 bytes of content', member('a', 'x', { mode: 0o40755 })],
  ['a name is not UTF-8', member(Buffer.from([0xff]), '')],
  ['a name does not end at its NUL byte', member('a\0b', '')],
  ['a name of 4097 bytes, where 1 to 4096 are allowed', member('a'.repeat(4096), '')],
  ['the target of "a" is not UTF-8', member('a', '\xff', { mode: 0o120777 }).fill(0xff, 112, 113)],
])('says where and how an archive is damaged: %s', (what, bytes) => {
  expect(() => decode(bytes)).toThrow(expect.objectContaining({ code: 'CPIO_DAMAGED', message: `archive is damaged at byte 0: ${what}` }));
});

it('gives the offset of the member that is damaged', () => {
  const first = member('a', 'abc');
  expect(() => read(first, member('b', 'x'.repeat(100)).subarray(0, 150))).toThrow(
    `archive is damaged at byte ${first.length}: "b" has 100 bytes, but the archive ends after 38 of them`,
  );
  expect(() => read(first, END, Buffer.alloc(1), first)).toThrow(
    `archive is damaged at byte ${first.length + END.length + 1}: data after the trailer that does not start at a multiple of 4`,
  );
});

it.each(['/etc/passwd', '../etc/passwd', 'a/../../b', ''])('refuses the name %j', (name) => {
  expect(() => read(member(name, ''), END)).toThrow(
    expect.objectContaining({ code: 'CPIO_PATH_INVALID', message: expect.stringMatching(/^archive at byte 0: "/) }),
  );
});

it('allocates no memory for a size beyond the archive', () => {
  const liar = member('a', '');
  liar.write('ffffffff', 54);
  expect(() => decode(liar)).toThrow('"a" has 4294967295 bytes, but the archive ends after 0 of them');
});

const number = fc.nat(0xffffffff);
const part = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 60 })
  .filter((text) => !/[/\0\p{Surrogate}]/u.test(text) && text !== '.' && text !== '..' && text !== 'TRAILER!!!');
const common = {
  path: fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/')),
  mode: fc.nat(0o7777),
  uid: number,
  gid: number,
  mtime: number,
};
const anyEntry: fc.Arbitrary<Entry> = fc.oneof(
  fc.record({ ...common, type: fc.constant('file' as const), data: fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)) }),
  fc.record({ ...common, type: fc.constant('directory' as const) }),
  fc.record({ ...common, type: fc.constant('symlink' as const), target: part }),
  fc.record({ ...common, type: fc.constantFrom('character' as const, 'block' as const), major: number, minor: number }),
  fc.record({ ...common, type: fc.constantFrom('fifo' as const, 'socket' as const) }),
);
const anyTree = fc
  .uniqueArray(anyEntry, { selector: ({ path }) => path, maxLength: 8 })
  .map((entries) => entries.filter(({ path }) => !entries.some((above) => above.type !== 'directory' && path.startsWith(`${above.path}/`))));

it('gives back any tree', () => {
  fc.assert(
    fc.property(anyTree, (entries) => {
      expect(plain(decode(toBuffer(encode(toTree(entries)))))).toEqual(plain(toTree(entries)));
    }),
  );
});

it('refuses every archive that was cut short', () => {
  const small = toBuffer(encode([directoryEntry('a'), fileEntry('a/b', 'abc')]));
  for (let length = 0; length < small.length; length++) expect(() => decode(small.subarray(0, length)), `${length} bytes`).toThrow(BuildError);
});

it('reads an archive with changed bytes, or says that it is damaged: it never fails otherwise', () => {
  const change = fc.record({
    at: fc.nat(archive.length - 1),
    bytes: fc.oneof(
      fc.uint8Array({ maxLength: 8 }),
      fc.constantFrom('00000000', 'ffffffff', '070701', '070702', '0000a1ff').map((text) => Buffer.from(text)),
    ),
  });
  let refused = 0;
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), fc.nat(archive.length), (changes, length) => {
      const damaged = Buffer.from(archive.subarray(0, length % 3 === 0 ? length : archive.length));
      for (const { at, bytes } of changes) damaged.set(bytes.subarray(0, Math.max(0, damaged.length - at)), Math.min(at, damaged.length));
      try {
        decode(damaged);
      } catch (error) {
        expect(error).toBeInstanceOf(BuildError);
        refused++;
      }
    }),
    { numRuns: 3000 },
  );
  expect(refused).toBeGreaterThan(1000);
});
