import { BuildError } from '@container-os/core';
import { bytesOf } from '@container-os/cpio';
import { ID_COUNT } from './id-range.ts';
import { RootView, type Root } from './root-view.ts';

/** /etc/passwd and /etc/group of a root file system. */
export interface Accounts {
  users: { name: string; uid: number; gid: number; home: string }[];
  groups: { name: string; gid: number; members: string[] }[];
}

/** Who a container's program is. */
export interface Account {
  uid: number;
  gid: number;
  /** Supplementary groups, its own among them, as in Docker since CVE-2022-36109: whom a group's mode denies access stays denied as another group. */
  groups: number[];
  home: string;
}

/** Larger files of accounts are none. */
const SIZE_MAX = 1 << 20;

/** Symlinks are followed within the root. A file that is not there has no accounts. */
export function readAccounts(root: Root): Accounts {
  return { users: rowsOf(root, '/etc/passwd').flatMap(userOfRow), groups: rowsOf(root, '/etc/group').flatMap(groupOfRow) };
}

function rowsOf(root: Root, path: string): string[][] {
  const view = RootView.withoutMounts(root);
  const found = view.find(path, { search: false });
  if (!('entry' in found) || found.entry.type !== 'file') return [];
  const content = view.contentOf(found.entry);
  if (content.length > SIZE_MAX)
    throw new BuildError('CONTAINER_USER_INVALID', `${path} of the container's root has ${content.length} bytes, expected at most ${SIZE_MAX}`, {
      hint: 'Make the file in the OCI image smaller.',
    });
  return Buffer.from(bytesOf(content))
    .toString()
    .split('\n')
    .map((line) => line.trim().split(':'));
}

function userOfRow([name = '', , uid = '', gid = '', , home = '']: string[]): Accounts['users'] {
  return isNumber(uid) && isNumber(gid) ? [{ name, uid: Number(uid), gid: Number(gid), home }] : [];
}

function groupOfRow([name = '', , gid = '', members = '']: string[]): Accounts['groups'] {
  return isNumber(gid) ? [{ name, gid: Number(gid), members: members.split(',').filter((one) => one !== '') }] : [];
}

/**
 * Who `user` is: `app`, `1000`, `app:staff`, `1000:5`. A number without an entry has group 0 and no further groups; with a group of its own,
 * a user has no further groups; `added` are further groups in any case.
 *
 * @param place what the error begins with
 * @throws BuildError CONTAINER_USER_INVALID for a name that the files have not, and an id that no container has
 */
export function findAccount(user: string, accounts: Accounts, place: string, added: readonly string[] = []): Account {
  const { users } = accounts;
  const [first, ...rest] = user.split(':');
  const userName = first || '0';
  const groupName = rest.join(':');
  const entry = users.find(({ name, uid }) => name === userName || (isNumber(userName) && uid === Number(userName)));
  if (!entry && !isNumber(userName)) throw unknown(place, `user "${userName}"`, '/etc/passwd', users);
  const uid = entry?.uid ?? Number(userName);
  const groupOf = (name: string): number => {
    const group = accounts.groups.find((one) => one.name === name || (isNumber(name) && one.gid === Number(name)));
    if (!group && !isNumber(name)) throw unknown(place, `group "${name}"`, '/etc/group', accounts.groups);
    return group?.gid ?? Number(name);
  };
  const gid = groupName === '' ? (entry?.gid ?? 0) : groupOf(groupName);
  const own = groupName === '' && entry ? accounts.groups.filter(({ members }) => members.includes(entry.name)).map((group) => group.gid) : [];
  const groups = [...new Set([gid, ...own, ...added.map(groupOf)])];
  const beyond = [uid, ...groups].find((id) => id >= ID_COUNT);
  if (beyond !== undefined)
    throw new BuildError('CONTAINER_USER_INVALID', `${place}: user "${user}" has the id ${beyond}, expected an id below ${ID_COUNT}`, {
      hint: `A container is given ${ID_COUNT} ids, so that no two containers share one. Choose another user with "user".`,
    });
  // The first entry of the id, as in runc, whatever name led to it.
  return { uid, gid, groups, home: users.find((one) => one.uid === uid)?.home || '/' };
}

function unknown(place: string, what: string, file: string, known: readonly { name: string }[]): BuildError {
  const names = known.map(({ name }) => name);
  const there = names.length === 0 ? `has no ${file}, or nobody in it` : `has ${names.slice(0, 20).join(', ')}${names.length > 20 ? ' …' : ''}`;
  return new BuildError('CONTAINER_USER_INVALID', `${place}: there is no ${what} in ${file} of the OCI image`, {
    hint: `Correct "user" of the service, or write a number: the image ${there}.`,
  });
}

function isNumber(text: string): boolean {
  return /^\d{1,10}$/.test(text);
}
