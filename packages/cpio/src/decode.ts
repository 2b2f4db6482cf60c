import { BuildError } from '@container-os/core/errors';
import { TYPE_BITS, type Entry, type FileEntry } from './entry.ts';
import { bytesOf, FileOnDisk, piecesOf } from './file-on-disk.ts';
import { decodeHeader, HEADER_SIZE, MAGIC_CRC, padding, TRAILER, type NewcHeader } from './newc.ts';
import { checkPath, checkTarget, PATH_MAX } from './path.ts';

/**
 * The entries of a newc archive (070701, or 070702 with its checksums verified), in their order.
 * Archives may follow one another with zero bytes between, as the kernel accepts. File contents are
 * views of `archive`, not copies: from an archive on disk only headers, names and symlinks are read. A leading
 * `./` of a name is dropped, as is an entry for `.` itself. Nothing larger than the archive is ever
 * allocated.
 *
 * @throws BuildError CPIO_DAMAGED with the offset, CPIO_PATH_INVALID, CPIO_TARGET_INVALID
 *
 * @example
 * const names = decode(await readFile('layer.cpio')).map((entry) => entry.path);
 */
export function decode(archive: Archive): Entry[] {
  const entries: Entry[] = [];
  let offset = 0;
  do offset = skipZeros(archive, decodeArchive(archive, offset, entries));
  while (offset < archive.length);
  return entries;
}

type Archive = Uint8Array | FileOnDisk;

/** Reads one archive from `start` to its trailer; returns the offset after it. */
function decodeArchive(archive: Archive, start: number, entries: Entry[]): number {
  const inodes = new Map<string, FileEntry[]>();
  let at = start;
  while (true) {
    const header = decodeHeader(peek(archive, at, at + HEADER_SIZE));
    if (!header) throw damaged(at, describeBytes(archive, at));
    const name = decodeName(archive, at, header.namesize);
    const begin = aligned(at + HEADER_SIZE + header.namesize);
    const end = begin + header.filesize;
    if (end > archive.length)
      throw damaged(at, `"${name}" has ${header.filesize} bytes, but the archive ends after ${Math.max(0, archive.length - begin)} of them`);
    if (name === TRAILER) {
      for (const names of inodes.values()) joinHardLinks(names);
      return end;
    }
    const entry = toEntry(name, header, archive.subarray(begin, end), at);
    if (entry) entries.push(entry);
    if (entry?.type === 'file' && header.nlink > 1) remember(inodes, `${header.devmajor}:${header.devminor}:${header.ino}`, entry);
    at = aligned(end);
  }
}

function decodeName(archive: Archive, at: number, size: number): string {
  const start = at + HEADER_SIZE;
  if (size < 1 || size > PATH_MAX) throw damaged(at, `a name of ${size} bytes, where 1 to ${PATH_MAX} are allowed`);
  if (start + size > archive.length) throw damaged(at, 'the archive ends within a name');
  const name = peek(archive, start, start + size);
  if (name.indexOf(0) !== size - 1) throw damaged(at, 'a name does not end at its NUL byte');
  return toText(name.subarray(0, -1), at, 'a name');
}

function toEntry(name: string, header: NewcHeader & { magic: string }, data: Archive, at: number): Entry | undefined {
  const path = name.replace(/^(\.\/+)+/, '');
  if (path === '.' || (path === '' && name !== '')) return undefined;
  checkPath(path, `archive at byte ${at}: `);
  const common = { path, mode: header.mode & 0o7777, uid: header.uid, gid: header.gid, mtime: header.mtime };
  const type = TYPES.get(header.mode & 0o170000);
  if (!type) throw damaged(at, `"${name}" has the unknown file type 0${(header.mode & 0o170000).toString(8)}`);
  if (type === 'file') {
    // Only for files: GNU cpio writes 0 for a symlink, and the kernel ignores the field.
    if (header.magic === MAGIC_CRC && sum(data) !== header.check)
      throw damaged(at, `the checksum of "${name}" is ${sum(data)}, its header says ${header.check}`);
    return { type, ...common, data };
  }
  if (type === 'symlink') {
    const target = toText(bytesOf(data), at, `the target of "${name}"`);
    checkTarget(path, target);
    return { type, ...common, target };
  }
  // The kernel silently skips such a member.
  if (data.length > 0) throw damaged(at, `"${name}" is a ${type} with ${data.length} bytes of content`);
  if (type === 'character' || type === 'block') return { type, ...common, major: header.rdevmajor, minor: header.rdevminor };
  return { type, ...common };
}

const TYPES = new Map<number, Entry['type']>(Object.entries(TYPE_BITS).map(([type, bits]) => [bits, type as Entry['type']]));

function remember(inodes: Map<string, FileEntry[]>, inode: string, entry: FileEntry): void {
  const names = inodes.get(inode);
  if (names) names.push(entry);
  else inodes.set(inode, [entry]);
}

/**
 * Turns several names of one inode into a file and links to it. Writers differ in which name has the content (GNU
 * cpio: the last). As in the kernel, the last name with content wins, and the last name's owner, mode and date.
 */
function joinHardLinks(names: FileEntry[]): void {
  const first = names[0];
  const last = names.at(-1);
  if (!first || !last) return;
  first.data = names.findLast(({ data }) => data.length > 0)?.data ?? first.data;
  for (const one of names) {
    Object.assign(one, { mode: last.mode, uid: last.uid, gid: last.gid, mtime: last.mtime });
    if (one !== first) Object.assign(one, { data: new Uint8Array(0), hardLinkTo: first.path });
  }
}

function skipZeros(archive: Archive, offset: number): number {
  let at = offset;
  while (peek(archive, at, at + 1)[0] === 0) at++;
  if (at < archive.length && at % 4 !== 0) throw damaged(at, 'data after the trailer that does not start at a multiple of 4');
  return at;
}

/** A small piece of an archive, in memory. */
function peek(archive: Archive, begin: number, end: number): Uint8Array {
  return archive instanceof FileOnDisk ? archive.peek(begin, end) : archive.subarray(begin, end);
}

function aligned(offset: number): number {
  return offset + padding(offset);
}

function sum(data: Archive): number {
  let total = 0;
  for (const piece of piecesOf(data)) for (const byte of piece) total = (total + byte) >>> 0;
  return total;
}

function toText(bytes: Uint8Array, at: number, what: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw damaged(at, `${what} is not UTF-8`);
  }
}

/** First bytes of compressed files that are mistaken for an archive. */
const COMPRESSED: Record<string, string> = { '1f8b': 'gzip', '28b52ffd': 'zstd', '02214c18': 'lz4', '04224d18': 'lz4', fd377a58: 'xz', '425a68': 'bzip2' };

function describeBytes(archive: Archive, at: number): string {
  if (at >= archive.length) return 'it ends without a trailer';
  const start = Buffer.from(peek(archive, at, at + 6));
  const tool = Object.entries(COMPRESSED).find(([magic]) => start.toString('hex').startsWith(magic))?.[1];
  if (tool) return `found ${tool} data; decompress it first?`;
  if (archive.length - at < HEADER_SIZE) return 'it ends within a header';
  return `expected a header with the magic 070701, found ${JSON.stringify(start.toString('latin1'))}`;
}

function damaged(at: number, what: string): BuildError {
  return new BuildError('CPIO_DAMAGED', `archive is damaged at byte ${at}: ${what}`, {
    hint: 'Build the archive again; if it came from elsewhere, check how it was copied.',
  });
}
