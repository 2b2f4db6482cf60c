import { expect, it } from 'vitest';
import { directoryEntry, encode, fileEntry, symlinkEntry, type Entry } from '../src/index.ts';
import { encodeHeader } from '../src/newc.ts';
import { SAMPLE, toBuffer } from './sample.ts';

const D = '67748580'; // 2025-01-01, the date of everything built
//                ino      mode     uid      gid      nlink    mtime    size     device            node              name     check
const HEADERS = {
  etc: `070701 00000001 000041ed 00000000 00000000 00000002 ${D} 00000000 00000000 00000000 00000000 00000000 00000004 00000000`,
  motd: `070701 00000002 000081a4 00000000 00000000 00000001 ${D} 00000005 00000000 00000000 00000000 00000000 00000009 00000000`,
  link: `070701 00000003 0000a1ff 00000000 00000000 00000001 ${D} 00000008 00000000 00000000 00000000 00000000 00000002 00000000`,
  null: `070701 00000004 000021b6 00000000 00000000 00000001 ${D} 00000000 00000000 00000000 00000001 00000003 00000005 00000000`,
  trailer: '070701 00000000 00000000 00000000 00000000 00000001 00000000 00000000 00000000 00000000 00000000 00000000 0000000b 00000000',
};
const bytes = (header: keyof typeof HEADERS, rest: string): string => HEADERS[header].replaceAll(' ', '') + rest;
const TRAILER = bytes('trailer', 'TRAILER!!!\0\0\0\0');

it('an archive is these bytes', () => {
  const archive = encode([
    directoryEntry('etc'),
    fileEntry('etc/motd', 'hello'),
    symlinkEntry('m', 'etc/motd'),
    { ...directoryEntry('null', 0o666), type: 'character', major: 1, minor: 3 },
  ]);
  expect(toBuffer(archive).toString('latin1')).toBe(
    bytes('etc', 'etc\0\0\0') + bytes('motd', 'etc/motd\0\0hello\0\0\0') + bytes('link', 'm\0etc/motd') + bytes('null', 'null\0\0') + TRAILER,
  );
});

it('an empty archive is its trailer', () => {
  expect(toBuffer(encode([])).toString('latin1')).toBe(TRAILER);
});

it('names of one inode share its number and link count, and the first has the content', () => {
  const text = toBuffer(encode([fileEntry('a', 'x'), fileEntry('b', 'y'), { ...fileEntry('c', ''), hardLinkTo: 'a' }])).toString('latin1');
  const headers = [...text.matchAll(/070701(.{8})(?:.{24})(.{8})(?:.{8})(.{8})/g)].map(([, ino, nlink, size]) =>
    [ino, nlink, size].map((field) => Number.parseInt(field ?? '', 16)),
  );
  expect(headers.slice(0, 3)).toEqual([
    [1, 2, 1],
    [2, 1, 1],
    [1, 2, 0],
  ]);
});

it('equal entries give equal bytes', () => {
  expect(toBuffer(encode(SAMPLE)).equals(toBuffer(encode(structuredClone(SAMPLE))))).toBe(true);
});

it.each([
  ['', 'the path is empty'],
  ['/etc', 'the path is absolute'],
  ['a/../b', 'the path has an empty, "." or ".." component'],
  ['..', 'the path has an empty, "." or ".." component'],
  ['./a', 'the path has an empty, "." or ".." component'],
  ['a//b', 'the path has an empty, "." or ".." component'],
  ['a/', 'the path has an empty, "." or ".." component'],
  ['a\0b', 'the path has a NUL byte'],
  ['\ud800', 'the path is not Unicode text'],
  ['TRAILER!!!', 'this name marks the end of an archive'],
  ['é'.repeat(128), 'a component of the path is longer than 255 bytes'],
  ['abc/'.repeat(1023) + 'abcd', 'the path is longer than 4095 bytes'],
])('refuses the path %j: %s', (path, fault) => {
  expect(() => toBuffer(encode([fileEntry(path, '')]))).toThrow(
    expect.objectContaining({ code: 'CPIO_PATH_INVALID', message: `${JSON.stringify(path)}: ${fault}` }),
  );
});

it('takes the longest path that Linux does', () => {
  expect(() => toBuffer(encode([fileEntry('abc/'.repeat(1023) + 'abc', '')]))).not.toThrow();
});

it.each([
  ['', 'empty'],
  ['a\0', 'NUL'],
  ['a'.repeat(4096), 'longer than 4095 bytes'],
])('refuses the symlink target %j', (target, fault) => {
  expect(() => toBuffer(encode([symlinkEntry('a', target)]))).toThrow(
    expect.objectContaining({ code: 'CPIO_TARGET_INVALID', message: expect.stringContaining(fault) }),
  );
});

it.each<[string, Entry[]]>([
  ['which is not an earlier file', [{ ...fileEntry('b', ''), hardLinkTo: 'a' }, fileEntry('a', 'x')]],
  ['which is not an earlier file', [directoryEntry('a'), { ...fileEntry('b', ''), hardLinkTo: 'a' }]],
  ['but the link has content of its own', [fileEntry('a', 'x'), { ...fileEntry('b', 'y'), hardLinkTo: 'a' }]],
  ['which has another mode', [fileEntry('a', 'x'), { ...fileEntry('b', '', 0o600), hardLinkTo: 'a' }]],
])('refuses a hard link %s', (fault, entries) => {
  expect(() => toBuffer(encode(entries))).toThrow(expect.objectContaining({ code: 'CPIO_LINK_INVALID', message: `b: hard link to a, ${fault}` }));
});

it('refuses a file of 4 GiB, not one of a byte less', () => {
  expect(() => encodeHeader({ filesize: 2 ** 32 - 1 }, 'disk.img')).not.toThrow();
  expect(() => encodeHeader({ filesize: 2 ** 32 }, 'disk.img')).toThrow(
    expect.objectContaining({
      code: 'FILE_TOO_LARGE',
      message: 'disk.img: 4294967296 bytes, a cpio archive holds files of at most 4294967295 (less than 4 GiB)',
    }),
  );
});

it.each([
  ['mtime', -1],
  ['mtime', 1.5],
  ['uid', 2 ** 32],
])('refuses %s %d', (field, value) => {
  expect(() => toBuffer(encode([{ ...fileEntry('a', ''), [field]: value }]))).toThrow(expect.objectContaining({ code: 'FIELD_OUT_OF_RANGE' }));
});
