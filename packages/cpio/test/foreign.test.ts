import { execFileSync } from 'node:child_process';
import { lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decode, encode, toTree, TYPE_BITS, type Entry } from '../src/index.ts';
import { plain, SAMPLE, toBuffer } from './sample.ts';

// Devices and owners are for root; a checkout on a file system without them would not show much.
const root = process.getuid?.() === 0;

let directory: string;
beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), 'cpio-'))));
afterEach(() => rmSync(directory, { recursive: true }));

/** What stat(2) tells of everything below `directory`, as entries. */
function entriesOnDisk(): Entry[] {
  const firstNames = new Map<number, string>();
  const names = readdirSync(directory, { recursive: true, withFileTypes: true }).map(({ parentPath, name }) => relative(directory, join(parentPath, name)));
  return names
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map((path) => {
      const file = join(directory, path);
      const { mode, uid, gid, mtimeMs, rdev, ino, nlink } = lstatSync(file);
      const common = { path, mode: mode & 0o7777, uid, gid, mtime: Math.floor(mtimeMs / 1000) };
      const type = (Object.keys(TYPE_BITS) as Entry['type'][]).find((one) => TYPE_BITS[one] === (mode & 0o170000));
      if (!type) throw new Error(`${path}: mode ${mode}`);
      if (type === 'symlink') return { type, ...common, target: readlinkSync(file) };
      // glibc's makedev for numbers of these sizes.
      if (type === 'character' || type === 'block') return { type, ...common, major: (rdev >> 8) & 0xfff, minor: (rdev & 0xff) | ((rdev >> 12) & 0xfff00) };
      if (type !== 'file') return { type, ...common };
      const first = firstNames.get(ino);
      if (nlink > 1 && first === undefined) firstNames.set(ino, path);
      return first === undefined ? { type, ...common, data: readFileSync(file) } : { type, ...common, data: Buffer.alloc(0), hardLinkTo: first };
    });
}

const GNU_CPIO = ['--extract', '--preserve-modification-time', '--quiet'];
const BSDTAR = ['-x', '-p', '-f', '-'];

describe.each([
  ['GNU cpio', 'cpio', GNU_CPIO],
  ['bsdtar', 'bsdtar', BSDTAR],
])('%s', (name, tool, args) => {
  /** GNU cpio dates neither directories nor symlinks. */
  const dated = (entry: Entry): Entry => (name === 'GNU cpio' && (entry.type === 'directory' || entry.type === 'symlink') ? { ...entry, mtime: 0 } : entry);

  it.runIf(root)('unpacks what was encoded, with devices, owners, modes, dates and hard links', () => {
    // bsdtar makes a file of a socket.
    const entries = SAMPLE.filter(({ type }) => name === 'GNU cpio' || type !== 'socket');
    execFileSync(tool, args, { cwd: directory, input: toBuffer(encode(entries)) });
    expect(plain(entriesOnDisk()).map(dated)).toEqual(plain(entries).map(dated));
  });

  it('unpacks files, directories and symlinks of any user', () => {
    const own = SAMPLE.filter(({ type }) => type === 'file' || type === 'directory' || type === 'symlink').map((entry) => ({
      ...entry,
      mode: entry.mode & 0o777,
      uid: process.getuid?.() ?? 0,
      gid: process.getgid?.() ?? 0,
    }));
    execFileSync(tool, args, { cwd: directory, input: toBuffer(encode(own)) });
    expect(plain(entriesOnDisk()).map(dated)).toEqual(plain(own).map(dated));
  });
});

describe.each([
  ['GNU cpio', 'cpio', ['--create', '--format=newc', '--quiet', '--null']],
  ['GNU cpio with checksums', 'cpio', ['--create', '--format=crc', '--quiet', '--null']],
  ['bsdtar', 'bsdtar', ['-c', '--format=newc', '-n', '--null', '-T', '-', '-f', '-']],
])('an archive of %s', (name, tool, args) => {
  it.runIf(root)('is decoded as what it was made of', () => {
    execFileSync('cpio', GNU_CPIO, { cwd: directory, input: toBuffer(encode(SAMPLE)) });
    // bsdtar leaves sockets out.
    const onDisk = entriesOnDisk().filter(({ type }) => name !== 'bsdtar' || type !== 'socket');
    const made = execFileSync(tool, args, { cwd: directory, input: onDisk.map(({ path }) => `${path}\0`).join('') });
    expect(plain(toTree(decode(made)))).toEqual(plain(onDisk));
  });
});
