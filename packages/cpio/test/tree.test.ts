import fc from 'fast-check';
import { expect, it } from 'vitest';
import { directoryEntry, fileEntry, symlinkEntry, toTree } from '../src/index.ts';
import { plain, SAMPLE } from './sample.ts';

it('sorts by the bytes of UTF-8, a directory before its content', () => {
  fc.assert(
    fc.property(fc.shuffledSubarray(SAMPLE, { minLength: SAMPLE.length }), (shuffled) => {
      expect(plain(toTree(shuffled))).toEqual(plain(SAMPLE));
    }),
  );
});

it('adds the directories that are missing', () => {
  expect(toTree([fileEntry('usr/lib/os-release', ''), directoryEntry('usr', 0o700)]).map(({ path, mode }) => [path, mode])).toEqual([
    ['usr', 0o700],
    ['usr/lib', 0o755],
    ['usr/lib/os-release', 0o644],
  ]);
});

it('gives the content of a hard link to the first of its names', () => {
  expect(toTree([fileEntry('z', 'x'), { ...fileEntry('a', ''), hardLinkTo: 'z' }])).toMatchObject([
    { path: 'a', data: Buffer.from('x') },
    { path: 'z', hardLinkTo: 'a' },
  ]);
});

it('refuses a hard link to something that is not a file', () => {
  expect(() => toTree([directoryEntry('a'), { ...fileEntry('b', ''), hardLinkTo: 'a' }])).toThrow(expect.objectContaining({ code: 'CPIO_LINK_INVALID' }));
});

it('refuses one path twice', () => {
  expect(() => toTree([fileEntry('a', ''), fileEntry('b', ''), fileEntry('a', '')])).toThrow(
    expect.objectContaining({ code: 'CPIO_PATH_DUPLICATE', message: 'a occurs twice' }),
  );
});

it.each([
  [symlinkEntry('lib', 'usr/lib'), 'symlink'],
  [fileEntry('lib', ''), 'file'],
])('refuses a path below %o', (above, type) => {
  expect(() => toTree([above, fileEntry('lib/x/y', '')])).toThrow(
    expect.objectContaining({ code: 'CPIO_NOT_A_DIRECTORY', message: `lib/x/y lies below lib, which is a ${type}` }),
  );
});
