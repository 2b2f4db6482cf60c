import { directory, file, link, symlink } from '../archive.ts';
import type { Case } from '../cases.ts';

const CAPABILITY = Buffer.from('0100000280ff0000000000000000000000000000', 'hex');
const LONG = `long/${'directory/'.repeat(30)}name`;

/** What images have, and what attacks try: in the oracle alone, for what umoci makes of it. */
export const TRAITS: Case[] = [
  [
    'modes, owners, dates and names',
    [
      [
        directory('.', { mode: 0o750, uid: 3 }),
        directory('tmp', { mode: 0o1777 }),
        file('bin/su', 'x', { mode: 0o4755, gid: 65_534 }),
        file('wall', '', { mode: 0o2711, mtime: 1 }),
        file('x', 'long', { pax: { path: LONG, uid: '70000', mtime: '1700000001.75' } }),
        { ...symlink('l', 'x'), pax: { linkpath: '/'.repeat(300) } },
        file('ü', 'ü'),
        link('hard', 'ü'),
      ],
    ],
    [],
  ],
  ['capabilities', [[file('ping', '', { pax: { 'SCHILY.xattr.security.capability': CAPABILITY } }), link('pong', 'ping')]], []],
  ['attributes of users', [[directory('d', { pax: { 'SCHILY.xattr.user.a': 'b' } }), file('f', '', { pax: { 'SCHILY.xattr.user.mime': 'x' } })]], []],
  [
    'an access control list',
    [
      [
        file('f', '', {
          pax: {
            'SCHILY.xattr.system.posix_acl_access': Buffer.from(
              '0200000001000600ffffffff02000600010000000400040000000000100006000000000020000400ffffffff',
              'hex',
            ),
          },
        }),
      ],
    ],
    [],
  ],
  [
    'devices',
    [
      [
        { name: 'null', flag: '3', mode: 0o666, patch: { 329: '0000001\0', 337: '0000003\0' } },
        { name: 'pipe', flag: '6' },
      ],
    ],
    [],
  ],
  ['".." above the root', [[file('../x', '')]], []],
  ['a hard link to outside', [[link('x', '../../../../etc/passwd')]], []],
  ['a hard link to nothing', [[link('x', 'y')]], []],
  ['a hard link to a directory', [[directory('d'), link('x', 'd')]], []],
  ['an empty name', [[file('', 'x')]], []],
  ['NUL in a name', [[file('x', '', { pax: { path: 'a\0b' } })]], []],
  ['a whiteout of "."', [[file('a/b', '')], [file('a/.wh..', '')]], []],
  ['a whiteout of ".."', [[file('a/b', '')], [file('a/.wh...', '')]], []],
  ['a whiteout of nothing', [[file('a/b', '')], [file('a/.wh.', '')]], []],
  ['a directory that is a whiteout', [[file('.wh.a/b', '')]], []],
  ['a file below a file', [[file('a', '')], [file('a/b', '')]], []],
  ['symlinks that lead to one another', [[symlink('a', 'b'), symlink('b', 'a'), file('a/x', '')]], []],
  ['trusted.overlay', [[directory('d', { pax: { 'SCHILY.xattr.trusted.overlay.opaque': 'y' } })]], []],
  ['a name that is not UTF-8', [[{ name: Buffer.from([0x66, 0xfc]) }]], []],
];
