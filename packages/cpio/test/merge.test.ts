import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { directoryEntry, encode, fileEntry, merge, symlinkEntry, type Entry, type Layer } from '../src/index.ts';
import { plain, SAMPLE, toBuffer } from './sample.ts';

const motd = fileEntry('etc/motd', 'hello\n');
const named = (...layers: (readonly Entry[])[]): Layer[] => layers.map((entries, index) => ({ name: String.fromCharCode(97 + index), entries }));

it('layers that share nothing but directories become one sorted tree', () => {
  expect(merge(named([fileEntry('usr/bin/b', '')], [fileEntry('usr/bin/a', ''), directoryEntry('bin')])).map(({ path }) => path)).toEqual([
    'bin',
    'usr',
    'usr/bin',
    'usr/bin/a',
    'usr/bin/b',
  ]);
});

it('equal entries count once, whatever their date', () => {
  const newer = { ...motd, mtime: motd.mtime + 1 };
  for (const layers of [named([motd], [newer]), named([newer], [motd])]) expect(merge(layers)).toEqual([directoryEntry('etc'), newer]);
});

it('the order of layers changes no byte', () => {
  const layers: Layer[] = [
    { name: 'a', entries: SAMPLE },
    { name: 'b', entries: [motd, ...SAMPLE.filter(({ path }) => path.startsWith('home'))] },
    { name: 'c', entries: [fileEntry('etc/motd', 'mine'), fileEntry('home/b', 'mine')], overrides: ['etc/motd', 'home/b'] },
    { name: 'd', entries: [{ ...directoryEntry('home', 0o700), uid: 1000, gid: 1001, mtime: 0 }] },
  ].map((layer) => ({ ...layer, entries: layer.entries.map((entry) => (entry.path === 'home' ? { ...entry, mode: 0o755, uid: 0, gid: 0 } : entry)) }));
  const expected = toBuffer(encode(merge(layers)));
  fc.assert(fc.property(fc.shuffledSubarray(layers, { minLength: layers.length }), (shuffled) => expected.equals(toBuffer(encode(merge(shuffled))))));
});

it('merging one layer changes nothing', () => {
  expect(plain(merge(named(SAMPLE)))).toEqual(plain(SAMPLE));
});

describe('layers that disagree are refused, naming both and what differs:', () => {
  const node = (minor: number): Entry => ({ ...directoryEntry('null'), type: 'character', major: 1, minor });
  it.each<[string, Entry[], Entry[], string]>([
    [
      'content',
      [motd],
      [fileEntry('etc/motd', 'bye\n')],
      'etc/motd: sha256 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03 and abc6fd595fc079d3114d4b71a4d84b1d1d0f79df1e70f8813212f2a65d8916df',
    ],
    ['mode', [motd], [{ ...motd, mode: 0o600 }], 'etc/motd: mode 0644 and 0600'],
    ['owner', [motd], [{ ...motd, uid: 1000 }], 'etc/motd: owner 0:0 and 1000:0'],
    ['mode of a directory', [directoryEntry('tmp', 0o1777)], [fileEntry('tmp/x', '')], 'tmp: mode 01777 and 0755'],
    ['target', [symlinkEntry('sh', 'ash')], [symlinkEntry('sh', 'bash')], 'sh: target ash and bash'],
    ['device', [node(3)], [node(5)], 'null: device 1:3 and 1:5'],
    ['hard links', [fileEntry('a', 'x'), { ...fileEntry('b', ''), hardLinkTo: 'a' }], [fileEntry('b', 'x')], 'b: hard links a = b and none'],
    ['file and directory', [fileEntry('run', '')], [fileEntry('run/lock', '')], 'run: file and directory'],
    ['symlink and directory', [symlinkEntry('lib', 'usr/lib')], [fileEntry('lib/x', '')], 'lib: symlink and directory'],
  ])('%s', (_, first, second, difference) => {
    expect(() => merge(named(first, second))).toThrow(
      expect.objectContaining({ code: 'LAYER_CONFLICT', message: `layers "a" and "b" disagree on ${difference}` }),
    );
  });

  it('a path that another layer puts below its symlink, even where an override makes it one', () => {
    const layers: Layer[] = [
      { name: 'a', entries: [fileEntry('lib/x', '')] },
      { name: 'b', entries: [symlinkEntry('lib', 'usr/lib')], overrides: ['lib'] },
    ];
    expect(() => merge(layers)).toThrow(
      expect.objectContaining({ code: 'LAYER_CONFLICT', message: 'layers "b" and "a" disagree on lib: symlink and directory of lib/x' }),
    );
  });

  it('two that override the same path', () => {
    const layers = named([motd], [fileEntry('etc/motd', 'b')], [fileEntry('etc/motd', 'c')]).map((layer, index) => ({
      ...layer,
      overrides: index > 0 ? ['etc/motd'] : [],
    }));
    expect(() => merge(layers)).toThrow('layers "b" and "c" disagree on etc/motd');
  });
});

describe('an override', () => {
  it('wins over all others, wherever its layer stands', () => {
    const mine: Layer = { name: 'mine', entries: [fileEntry('etc/motd', 'mine')], overrides: ['etc/motd'] };
    for (const layers of [
      [...named([motd], [motd]), mine],
      [mine, ...named([motd], [motd])],
    ])
      expect(merge(layers)).toEqual([directoryEntry('etc'), fileEntry('etc/motd', 'mine')]);
  });

  it('takes one name from a hard link and leaves the others linked', () => {
    const link = (path: string): Entry => ({ ...fileEntry(path, ''), hardLinkTo: 'a' });
    const merged = merge([
      { name: 'a', entries: [fileEntry('a', 'x'), link('b'), link('c')] },
      { name: 'b', entries: [fileEntry('a', 'y')], overrides: ['a'] },
    ]);
    expect(plain(merged)).toEqual(plain([fileEntry('a', 'y'), fileEntry('b', 'x'), { ...link('c'), hardLinkTo: 'b' } as Entry]));
  });

  it.each([
    ['etc/issue', 'which it does not have itself'],
    ['etc/motd', 'which no other layer has'],
  ])('of %s that overrides nothing is refused: %s', (path, reason) => {
    const layers = [
      { name: 'a', entries: [motd], overrides: [path] },
      { name: 'b', entries: [fileEntry('etc/issue', '')] },
    ];
    expect(() => merge(layers)).toThrow(
      expect.objectContaining({ code: 'LAYER_OVERRIDE_UNUSED', message: `layer "a" declares an override of ${path}, ${reason}` }),
    );
  });
});

it('a layer that has a path twice is refused by name', () => {
  expect(() => merge([{ name: 'site', entries: [motd, motd] }])).toThrow('layer "site": etc/motd occurs twice');
});
