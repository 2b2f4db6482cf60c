import { bytesOf } from '@container-os/cpio';
import { describe, expect, it } from 'vitest';
import { flatten, type FlattenOptions } from '../src/root/flatten.ts';
import type { ImageRoot } from '../src/root/image-root.ts';
import { archive, directory, file, link, symlink, useArchives, type Member } from './archive.ts';

const archives = useArchives();

async function flattened(layers: readonly (readonly Member[])[], options?: FlattenOptions): Promise<ImageRoot> {
  const written = await Promise.all(layers.map(async (members, index) => ({ path: await archives.write(archive(members)), diffId: `sha256:layer${index}` })));
  return flatten(written, options);
}

/** One line an entry: type, mode, owner, path, and what it leads to or contains. */
function lines(root: ImageRoot): string[] {
  return [...root.entries()].map((entry) => {
    const what =
      entry.type === 'symlink'
        ? ` -> ${entry.target}`
        : entry.type === 'file'
          ? entry.hardLinkTo === undefined
            ? ` "${Buffer.from(bytesOf(entry.data)).toString()}"`
            : ` = ${entry.hardLinkTo}`
          : '/';
    return `${entry.mode.toString(8)} ${entry.uid}:${entry.gid} ${entry.path}${what}`;
  });
}

const names = (root: ImageRoot): string[] => lines(root).map((line) => line.replace(/^\S+ \S+ /, ''));

describe('layers', () => {
  it('become one tree, sorted by the bytes of its paths, with modes, owners and dates', async () => {
    const root = await flattened([
      [directory('./', { mode: 0o750, uid: 5 }), directory('./etc'), file('./etc/motd', 'one', { uid: 1, gid: 2 }), symlink('./a', 'etc'), directory('b')],
      [file('etc/motd', 'two', { mode: 0o4711, uid: 65534, gid: 65533 }), file('b/c'), file('b-c'), directory('b', { mode: 0o1777 })],
    ]);
    expect(lines(root)).toEqual(['777 0:0 a -> etc', '1777 0:0 b/', '644 0:0 b-c ""', '644 0:0 b/c ""', '755 0:0 etc/', '4711 65534:65533 etc/motd "two"']);
    expect(root.directory).toMatchObject({ path: '', mode: 0o750, uid: 5 });
    expect(root.get('etc/motd')).toMatchObject({ type: 'file', mtime: 1_700_000_000 });
    expect([root.size, root.count]).toEqual([3, 6]);
  });

  it('of an empty image, an empty layer and an empty file are an empty root', async () => {
    expect(lines(await flattened([]))).toEqual([]);
    expect(lines(await flatten([{ path: await archives.write(Buffer.alloc(0)), diffId: 'sha256:0' }]))).toEqual([]);
    expect(lines(await flattened([[]]))).toEqual([]);
  });

  it.each<[string, Member[][], string[]]>([
    ['the last of several entries for a path', [[file('a', '1'), file('a', '2')]], ['a "2"']],
    ['missing directories, which belong to root', [[file('a/b/c', '')]], ['a/', 'a/b/', 'a/b/c ""']],
    ['absolute names, inside the root', [[file('/etc/motd', ''), file('//x', ''), file('././/y', '')]], ['etc/', 'etc/motd ""', 'x ""', 'y ""']],
    ['".." within the root, before symlinks are looked at', [[symlink('l', 'a/b'), file('l/../x', '')]], ['l -> a/b', 'x ""']],
    ['a file for a directory, with all below', [[directory('a'), file('a/b', '')], [file('a', 'f')]], ['a "f"']],
    ['a directory for a file', [[file('a', 'f')], [directory('a'), file('a/b', '')]], ['a/', 'a/b ""']],
    [
      'a symlink for a directory, and a directory for a symlink',
      [
        [directory('a'), file('a/b', ''), symlink('s', 'a')],
        [symlink('a', 'x'), directory('s')],
      ],
      ['a -> x', 's/'],
    ],
    ['a directory again, with what is in it', [[directory('a'), file('a/b', '')], [directory('a', { mode: 0o700 })]], ['a/', 'a/b ""']],
  ])('have %s', async (_, layers, expected) => {
    expect(names(await flattened(layers))).toEqual(expected);
  });
});

describe('whiteouts', () => {
  it.each<[string, Member[][], string[]]>([
    ['hide a file of a lower layer', [[file('a/b', '')], [file('a/.wh.b')]], ['a/']],
    ['hide a file two layers down', [[file('a/b', '')], [file('c', '')], [file('a/.wh.b')]], ['a/', 'c ""']],
    ['hide a directory with all below', [[file('a/b/c', '')], [file('a/.wh.b')]], ['a/']],
    [
      'leave what their own layer has, before and after',
      [
        [file('a', '1'), file('b', '1')],
        [file('a', '2'), file('.wh.a'), file('.wh.b'), file('b', '2')],
      ],
      ['a "2"', 'b "2"'],
    ],
    [
      'leave what their own layer has below',
      [
        [file('a/b', ''), file('a/c', '')],
        [file('a/d', ''), file('.wh.a')],
      ],
      ['a/', 'a/d ""'],
    ],
    ['of nothing do nothing', [[file('a', '')], [file('.wh.b'), file('x/y/.wh.z'), file('a/.wh.b')]], ['a ""']],
    ['hide a symlink, not its target', [[file('t/f', ''), symlink('s', 't')], [file('.wh.s')]], ['t/', 't/f ""']],
    ['are found through a symlink', [[file('usr/bin/x', ''), symlink('bin', 'usr/bin')], [file('bin/.wh.x')]], ['bin -> usr/bin', 'usr/', 'usr/bin/']],
    ['are forgotten by the next layer', [[file('a', '1')], [file('.wh.a')], [file('a', '3')]], ['a "3"']],
    ['take one name of a hard link', [[file('a', 'x'), link('b', 'a'), link('c', 'a')], [file('.wh.a')]], ['b "x"', 'c = b']],
    ['that AUFS wrote for itself are skipped', [[file('.wh..wh.plnk/1.2', ''), file('.wh..wh.aufs', ''), file('a', '')]], ['a ""']],
  ])('%s', async (_, layers, expected) => {
    expect(names(await flattened(layers))).toEqual(expected);
  });

  it.each<[string, Member[][], string[]]>([
    [
      'hides what lower layers have',
      [
        [file('a/b', ''), file('a/c/d', '')],
        [file('a/.wh..wh..opq'), file('a/e', '')],
      ],
      ['a/', 'a/e ""'],
    ],
    [
      'hides it after its siblings too',
      [
        [file('a/b', ''), file('a/c/d', '')],
        [file('a/e', ''), file('a/c/f', ''), file('a/.wh..wh..opq')],
      ],
      ['a/', 'a/c/', 'a/c/f ""', 'a/e ""'],
    ],
    ['hides what is below a directory that its layer has too', [[file('a/c/d', '')], [directory('a/c'), file('a/.wh..wh..opq')]], ['a/', 'a/c/']],
    ['hides it two layers down', [[file('a/b', '')], [], [directory('a'), file('a/.wh..wh..opq')]], ['a/']],
    ['leaves what higher layers have', [[file('a/b', '')], [file('a/.wh..wh..opq')], [file('a/f', '')]], ['a/', 'a/f ""']],
    ['is found through a symlink', [[file('usr/bin/x', ''), symlink('bin', 'usr/bin')], [file('bin/.wh..wh..opq')]], ['bin -> usr/bin', 'usr/', 'usr/bin/']],
    [
      'of the root hides all',
      [
        [file('a/b', ''), file('c', '')],
        [file('.wh..wh..opq'), file('d', '')],
      ],
      ['d ""'],
    ],
    ['of nothing does nothing', [[file('a', '')], [file('b/.wh..wh..opq')]], ['a ""']],
  ])('an opaque directory %s', async (_, layers, expected) => {
    expect(names(await flattened(layers))).toEqual(expected);
  });
});

describe('symlinks on the way to a name stay inside the root', () => {
  it.each<[string, Member[][], string[]]>([
    [
      'of the same layer',
      [[symlink('bin', 'usr/bin'), directory('usr'), directory('usr/bin'), file('bin/x', '')]],
      ['bin -> usr/bin', 'usr/', 'usr/bin/', 'usr/bin/x ""'],
    ],
    ['of a lower layer', [[symlink('bin', 'usr/bin')], [file('bin/x', '')]], ['bin -> usr/bin', 'usr/', 'usr/bin/', 'usr/bin/x ""']],
    ['absolute', [[symlink('run', '/var/run')], [file('run/x', '')]], ['run -> /var/run', 'var/', 'var/run/', 'var/run/x ""']],
    ['that climb above it', [[symlink('a', '../../../etc'), file('a/passwd', '')]], ['a -> ../../../etc', 'etc/', 'etc/passwd ""']],
    ['one behind the other', [[symlink('a', 'b'), symlink('b', '/c/d/../e'), file('a/x', '')]], ['a -> b', 'b -> /c/d/../e', 'c/', 'c/d/', 'c/e/', 'c/e/x ""']],
    ['to the root', [[symlink('a', '/'), file('a/x', '')]], ['a -> /', 'x ""']],
  ])('%s', async (_, layers, expected) => {
    expect(names(await flattened(layers))).toEqual(expected);
  });

  it('when a name is looked up', async () => {
    const root = await flattened([
      [symlink('bin', '/usr/bin'), symlink('usr/bin/sh', '../lib/busybox'), file('usr/lib/busybox', 'b'), symlink('loop', 'loop')],
    ]);
    expect(root.get('bin/sh')).toMatchObject({ type: 'symlink' });
    expect(root.resolve('bin/sh')).toMatchObject({ type: 'file' });
    expect(root.resolve('/bin')).toMatchObject({ type: 'directory' });
    expect([root.get('bin/none'), root.get('usr/lib/busybox/x'), root.resolve('loop'), root.get('loop/x')]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('hard links', () => {
  it.each<[string, Member[][], string[]]>([
    ['to a file of the same layer', [[file('b', 'x'), link('a', 'b'), link('c', './b')]], ['a "x"', 'b = a', 'c = a']],
    ['to a file of a lower layer', [[file('b', 'x')], [link('c', '/b')]], ['b "x"', 'c = b']],
    ['whose file a higher layer replaces', [[file('b', 'x'), link('c', 'b')], [file('b', 'y')]], ['b "y"', 'c "x"']],
    [
      'through a symlink',
      [[file('usr/bin/b', 'x'), symlink('bin', 'usr/bin')], [link('bin/c', 'bin/b')]],
      ['bin -> usr/bin', 'usr/', 'usr/bin/', 'usr/bin/b "x"', 'usr/bin/c = usr/bin/b'],
    ],
    ['to a symlink, which are symlinks', [[symlink('s', 't'), link('l', 's')]], ['l -> t', 's -> t']],
    ['to a file that this layer hides behind them', [[file('b', 'x')], [link('c', 'b'), file('.wh.b')]], ['c "x"']],
  ])('%s', async (_, layers, expected) => {
    expect(names(await flattened(layers))).toEqual(expected);
  });

  it('count once, and have mode and owner of the file whatever their own header says', async () => {
    const root = await flattened([[file('a', 'xyz', { mode: 0o4755, uid: 7 }), link('b', 'a', { mode: 0o600, uid: 9 })]]);
    expect(lines(root)).toEqual(['4755 7:0 a "xyz"', '4755 7:0 b = a']);
    expect(root.size).toBe(3);
  });
});

describe('what no root has is left out and told', () => {
  it('devices and FIFOs, but not those that a higher layer took away; they hide what was there', async () => {
    const device = (name: string, flag: string): Member => ({ name, flag });
    const root = await flattened([
      [device('dev/sda', '4'), device('dev/null', '3'), device('pipe', '6'), device('gone', '6'), file('a', '')],
      [file('.wh.gone'), device('a', '3'), link('pipe2', 'pipe')],
    ]);
    expect(names(root)).toEqual(['dev/']);
    expect(root.skipped).toEqual([
      { path: 'a', type: 'character' },
      { path: 'dev/null', type: 'character' },
      { path: 'dev/sda', type: 'block' },
      { path: 'pipe', type: 'fifo' },
      { path: 'pipe2', type: 'fifo' },
    ]);
  });

  it('extended attributes but capabilities and those of users, to the byte', async () => {
    const capability = Buffer.from('0100000280ff0000000000000000000000000000', 'hex');
    const pax = {
      'SCHILY.xattr.security.capability': capability,
      'SCHILY.xattr.user.mime': 'a=b\n',
      'SCHILY.xattr.system.posix_acl_access': Buffer.from([2, 0]),
    };
    const root = await flattened([
      [
        file('ping', '', { pax }),
        file('bsd', '', { pax: { 'LIBARCHIVE.xattr.user.a%20b': 'aGk' } }),
        { ...symlink('s', 't'), pax: { 'SCHILY.xattr.security.selinux': 'x' } },
      ],
    ]);
    expect(root.get('ping')?.xattrs).toEqual({ 'security.capability': capability.toString('base64'), 'user.mime': Buffer.from('a=b\n').toString('base64') });
    expect(root.get('bsd')?.xattrs).toEqual({ 'user.a b': Buffer.from('hi').toString('base64') });
    expect(root.skipped).toEqual([
      { path: 'ping', type: 'system.posix_acl_access' },
      { path: 's', type: 'security.selinux' },
    ]);
  });
});

describe('refuses by layer, entry and reason', () => {
  const long = 'x'.repeat(256);
  it.each<[string, Member[], RegExp]>([
    ['".." above the root', [file('../x', '')], /layer sha256:layer1, entry "\.\.\/x": the name, "\.\.\/x", leaves the root$/],
    ['".." above the root, further in', [file('a/../../x', '')], /leaves the root/],
    ['".." above the root, absolute', [file('/../x', '')], /leaves the root/],
    ['".." alone', [directory('..')], /leaves the root/],
    ['a whiteout outside', [file('../.wh.x', '')], /leaves the root/],
    ['a hard link to outside', [link('x', '../etc/passwd')], /entry "x": the target, "\.\.\/etc\/passwd", leaves the root$/],
    ['a hard link to nothing', [link('x', 'y')], /a hard link to "y", which neither this layer nor one below has$/],
    ['a hard link to a host file by an absolute name', [link('x', '/etc/passwd')], /a hard link to "etc\/passwd", which neither/],
    ['a hard link to outside through a symlink', [symlink('s', '../../etc'), link('x', 's/passwd')], /a hard link to "s\/passwd", which neither/],
    ['a hard link to a directory', [link('x', 'etc')], /a hard link to "etc", which is a directory$/],
    ['a hard link to no name', [link('x', '')], /entry "x": the target is empty$/],
    ['NUL in a name', [file('x', '', { pax: { path: 'a\0b' } })], /the name has a NUL byte$/],
    ['NUL in a target', [{ ...symlink('s', 't'), pax: { linkpath: 'a\0b' } }], /the target of the symlink has a NUL byte$/],
    ['an empty name', [file('', '')], /entry "": the name is empty$/],
    ['a symlink to nothing', [symlink('s', '')], /a symlink to nothing$/],
    ['a symlink of 4,096 bytes', [{ ...symlink('s', 't'), pax: { linkpath: 'x'.repeat(4096) } }], /has 4096 bytes, more than 4095$/],
    ['a name that is not UTF-8', [file('x', '', { name: Buffer.from([0x66, 0xfc]) })], /the name is not UTF-8: "fü" in Latin-1$/],
    ['a part of 256 bytes', [file('x', '', { pax: { path: long } })], /a part of the name is longer than 255 bytes$/],
    ['a whiteout of "."', [file('a/.wh..', '')], /a whiteout of ".", which is no name in a directory$/],
    ['a whiteout of ".."', [file('a/.wh...', '')], /a whiteout of "..", which is no name in a directory$/],
    ['a whiteout of nothing', [file('.wh.', '')], /a whiteout of "", which is no name in a directory$/],
    ['a directory that is a whiteout', [file('.wh.a/b', '')], /names that begin with "\.wh\." are whiteouts, no directories$/],
    ['a name below a file', [file('etc/motd/x', '')], /"motd" in "etc\/motd" is a file, not a directory$/],
    ['symlinks that lead to one another', [symlink('a', 'b'), symlink('b', 'a'), file('a/x', '')], /more than 40 symlinks lead from "a"$/],
    ['a root that is no directory', [symlink('.', 'etc')], /the root is a directory, not a symlink$/],
    [
      'trusted.overlay',
      [directory('d', { pax: { 'SCHILY.xattr.trusted.overlay.redirect': '/etc' } })],
      /attribute trusted\.overlay\.redirect, which would tell overlayfs/,
    ],
    ['user.overlay', [directory('d', { pax: { 'LIBARCHIVE.xattr.user.overlay.opaque': 'eQ' } })], /attribute user\.overlay\.opaque,/],
  ])('%s', async (_, members, message) => {
    const error: unknown = await flattened([[directory('etc'), file('etc/motd', '')], members]).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'IMAGE_ENTRY_REFUSED', message: expect.stringMatching(message) as string, hint: expect.any(String) as string });
  });

  it('more entries or bytes than the options allow', async () => {
    const layers = [[file('a', 'xx')], [file('a', 'xxx'), file('b', '')]];
    await expect(flattened(layers, { maxEntries: 2 })).rejects.toMatchObject({
      code: 'IMAGE_TOO_LARGE',
      message: expect.stringContaining('sha256:layer1') as string,
    });
    await expect(flattened(layers, { maxBytes: 4 })).rejects.toMatchObject({ code: 'IMAGE_TOO_LARGE', hint: expect.stringContaining('"maxBytes"') as string });
    expect((await flattened(layers, { maxEntries: 3, maxBytes: 5 })).count).toBe(2);
    const hole = { 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0', 'GNU.sparse.realsize': '9000000000000' };
    await expect(flattened([[file('bomb', Buffer.from('0\n').toString().padEnd(512, '\0'), { pax: hole })]])).rejects.toMatchObject({
      code: 'IMAGE_TOO_LARGE',
    });
  });
});
