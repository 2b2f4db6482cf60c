import { directoryEntry, fileEntry, symlinkEntry, type Entry } from '@container-os/cpio';
import { describe, expect, it } from 'vitest';
import { findAccount, readAccounts } from '../src/accounts.ts';
import { byPath } from '../src/root-view.ts';

const PASSWD = `root:x:0:0:root:/root:/bin/sh
# a comment
+::::::
app:x:1000:1000::/home/app:/bin/sh
twin:x:1000:7::/home/twin:
nobody:x:65534:65534:nobody:/:
2000:x:3000:3000::/odd:
far:x:70000:70000::/far:
`;
const GROUP = 'root:x:0:\nwheel:x:10:root,app\nstaff:x:50:app\nmail:x:8:\nfar:x:70000:\napp:x:1000:\n';
const ROOT: Entry[] = [directoryEntry('etc'), fileEntry('etc/passwd', PASSWD), fileEntry('etc/group', GROUP)];
const find = (user: string, added?: string[], root: Entry[] = ROOT): object => findAccount(user, readAccounts(byPath(root)), 'shop:bundle-web', added);

describe('a user', () => {
  it.each<[string, object]>([
    ['app', { uid: 1000, gid: 1000, groups: [1000, 10, 50], home: '/home/app' }],
    ['0', { uid: 0, gid: 0, groups: [0, 10], home: '/root' }],
    ['1000', { uid: 1000, gid: 1000, groups: [1000, 10, 50], home: '/home/app' }],
    ['4242', { uid: 4242, gid: 0, groups: [0], home: '/' }],
    ['4242:5', { uid: 4242, gid: 5, groups: [5], home: '/' }],
    ['app:mail', { uid: 1000, gid: 8, groups: [8], home: '/home/app' }],
    ['app:0', { uid: 1000, gid: 0, groups: [0], home: '/home/app' }],
    ['1000:5', { uid: 1000, gid: 5, groups: [5], home: '/home/app' }],
    ['nobody', { uid: 65534, gid: 65534, groups: [65534], home: '/' }],
    // The home is that of the id's first entry.
    ['twin', { uid: 1000, gid: 7, groups: [7], home: '/home/app' }],
    // A name that looks like a number is a name first.
    ['2000', { uid: 3000, gid: 3000, groups: [3000], home: '/odd' }],
    [':mail', { uid: 0, gid: 8, groups: [8], home: '/root' }],
  ])('%s', (user, account) => {
    expect(find(user)).toEqual(account);
  });

  it('has further groups that the service adds, by name or number, each once', () => {
    expect(find('app', ['mail', '77', 'wheel'])).toMatchObject({ groups: [1000, 10, 50, 8, 77] });
    expect(find('4242', ['mail'])).toMatchObject({ groups: [0, 8] });
  });

  it('by number needs no files', () => {
    expect(find('7', [], [])).toEqual({ uid: 7, gid: 0, groups: [0], home: '/' });
  });

  it('is looked up where symlinks lead within the root', () => {
    const root: Entry[] = [
      directoryEntry('usr'),
      directoryEntry('usr/etc'),
      symlinkEntry('etc', '/usr/etc'),
      symlinkEntry('usr/etc/passwd', '../../../../usr/etc/real'),
      fileEntry('usr/etc/real', PASSWD),
      fileEntry('usr/etc/group', GROUP),
    ];
    expect(find('app', [], root)).toMatchObject({ uid: 1000, groups: [1000, 10, 50] });
  });
});

describe('an error names the place, and', () => {
  it.each([
    ['an unknown user', 'wwww', 'shop:bundle-web: there is no user "wwww" in /etc/passwd of the OCI image'],
    ['an unknown group', 'app:crew', 'there is no group "crew" in /etc/group of the OCI image'],
    ['a number that no container is given', '70001', 'user "70001" has the id 70001, expected an id below 65536'],
    ['a name with such a number', 'far', 'has the id 70000, expected an id below 65536'],
  ])('%s', (_, user, message) => {
    expect(() => find(user)).toThrow(message);
  });

  it('an image without accounts', () => {
    expect(() => find('app', [], [])).toThrow('there is no user "app"');
  });

  it('accounts that are none', () => {
    expect(() => find('app', [], [directoryEntry('etc'), fileEntry('etc/passwd', 'x'.repeat(2 << 20))])).toThrow('expected at most 1048576');
  });
});
