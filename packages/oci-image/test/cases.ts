import { directory, file, link, symlink, type Member } from './archive.ts';

/** What a root is: its name as a sentence, the layers from the lowest, and the entries of the root. The umoci oracle takes the same. */
export type Case = [name: string, layers: Member[][], expected: string[]];

/** Layers one upon the other have … */
export const LAYERS: Case[] = [
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
];

/** Whiteouts … */
export const WHITEOUTS: Case[] = [
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
];

/** An opaque directory … */
export const OPAQUE: Case[] = [
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
];

/** Symlinks on the way to a name stay inside the root: … */
export const SYMLINKS: Case[] = [
  [
    'of the same layer',
    [[symlink('bin', 'usr/bin'), directory('usr'), directory('usr/bin'), file('bin/x', '')]],
    ['bin -> usr/bin', 'usr/', 'usr/bin/', 'usr/bin/x ""'],
  ],
  ['of a lower layer', [[symlink('bin', 'usr/bin')], [file('bin/x', '')]], ['bin -> usr/bin', 'usr/', 'usr/bin/', 'usr/bin/x ""']],
  ['absolute', [[symlink('run', '/var/run')], [file('run/x', '')]], ['run -> /var/run', 'var/', 'var/run/', 'var/run/x ""']],
  ['that climb above it', [[symlink('a', '../../../etc'), file('a/passwd', '')]], ['a -> ../../../etc', 'etc/', 'etc/passwd ""']],
  ['one behind the other', [[symlink('a', 'b'), symlink('b', '/c/d/../e'), file('a/x', '')]], ['a -> b', 'b -> /c/d/../e', 'c/', 'c/e/', 'c/e/x ""']],
  ['absolute, in a directory', [[symlink('d/s', '/e'), file('d/s/x', '')]], ['d/', 'd/s -> /e', 'e/', 'e/x ""']],
  ['to the root', [[symlink('a', '/'), file('a/x', '')]], ['a -> /', 'x ""']],
];

/** Hard links … */
export const HARD_LINKS: Case[] = [
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
];
