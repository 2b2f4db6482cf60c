import { expect, it } from 'vitest';
import type { LockedArtifact } from '../src/lock.ts';
import { compare } from '../src/verify-prebuilt/compare.ts';

const LOCKED: LockedArtifact = {
  recipe: 'r',
  manifest: { name: 'linux', version: '6', licence: 'GPL-2.0-only', sources: [], toolchain: { gcc: 'gcc 12', ld: 'ld 2.40' } },
  files: [{ name: 'bzImage', size: 1, sha256: 'aa' }],
};
const BUILT = { recipe: 'r', toolchain: { gcc: 'gcc 12', ld: 'ld 2.40' }, outputs: [{ file: 'bzImage', size: 1, sha256: 'aa' }] };
const OTHER = [{ file: 'bzImage', size: 2, sha256: 'bb' }];

it('equal bytes are equal, whatever made them', () => {
  expect(compare(LOCKED, BUILT)).toBeUndefined();
  expect(compare(LOCKED, { ...BUILT, recipe: 'other', toolchain: { gcc: 'gcc 14' } })).toBeUndefined();
});

it('other bytes of equal tools are the fault of the prebuilt artifact', () => {
  const lines = ['bzImage: expected 1 bytes with sha256 aa, got 2 bytes with sha256 bb'];
  expect(compare(LOCKED, { ...BUILT, outputs: OTHER })).toEqual({ code: 'PREBUILT_DIFFERS', lines });
});

it('a file too few or too many is a difference', () => {
  expect(compare(LOCKED, { ...BUILT, outputs: [] })?.lines).toEqual(['bzImage: expected 1 bytes with sha256 aa, got no such file']);
  const more = [...BUILT.outputs, { file: 'vmlinux', size: 1, sha256: 'cc' }];
  expect(compare(LOCKED, { ...BUILT, outputs: more })?.lines).toEqual(['vmlinux: expected no such file']);
});

it('other tools are named with both versions', () => {
  expect(compare(LOCKED, { ...BUILT, outputs: OTHER, toolchain: { gcc: 'gcc 14' } })).toEqual({
    code: 'TOOLCHAIN_DIFFERS',
    lines: ['gcc: prebuilt with gcc 12, here gcc 14', 'ld: prebuilt with ld 2.40, here none'],
  });
});

it('another recipe comes first: other tools would say nothing', () => {
  expect(compare(LOCKED, { ...BUILT, outputs: OTHER, recipe: 's', toolchain: {} })).toMatchObject({ code: 'RECIPE_DIFFERS' });
});
