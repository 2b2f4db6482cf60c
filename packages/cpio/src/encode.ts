import { BuildError } from '@container-os/core/errors';
import { TYPE_BITS, type Entry, type FileEntry } from './entry.ts';
import type { FileOnDisk } from './file-on-disk.ts';
import { encodeHeader, padding, TRAILER } from './newc.ts';
import { checkPath, checkTarget } from './path.ts';

/**
 * The archive of `entries`, in their order, as chunks to write one after the other; a `FileOnDisk` stands for its
 * content. Equal entries give equal bytes: inodes are numbered from 1, device numbers are 0.
 *
 * The kernel silently drops entries whose directory does not exist: each directory must precede its content
 * ({@link toTree} ensures that).
 *
 * @throws BuildError CPIO_PATH_INVALID, CPIO_TARGET_INVALID, CPIO_LINK_INVALID, FILE_TOO_LARGE (4 GiB or more).
 *
 * @example
 * const archive = Buffer.concat([...encode([directoryEntry('etc'), fileEntry('etc/motd', 'hello\n')])].map(bytesOf));
 */
export function* encode(entries: Iterable<Entry>): Generator<Uint8Array | FileOnDisk> {
  const all = [...entries];
  const links = countLinks(all);
  const inodes = new Map<string, number>();
  let next = 1;
  for (const entry of all) {
    checkEntry(entry);
    const ino = inodes.get(linkedPath(entry)) ?? next++;
    inodes.set(entry.path, ino);
    const content = contentOf(entry);
    yield encodeHeader(
      {
        ino,
        mode: TYPE_BITS[entry.type] | entry.mode,
        uid: entry.uid,
        gid: entry.gid,
        nlink: entry.type === 'directory' ? 2 : (links.get(linkedPath(entry)) ?? 1),
        mtime: entry.mtime,
        filesize: content.length,
        ...(entry.type === 'character' || entry.type === 'block' ? { rdevmajor: entry.major, rdevminor: entry.minor } : {}),
      },
      entry.path,
    );
    if (content.length > 0) yield content;
    if (padding(content.length) > 0) yield new Uint8Array(padding(content.length));
  }
  yield encodeHeader({ nlink: 1 }, TRAILER);
}

function checkEntry(entry: Entry): void {
  const { path, mode } = entry;
  checkPath(path);
  if (entry.type === 'symlink') checkTarget(path, entry.target);
  if (!Number.isInteger(mode) || mode < 0 || mode > 0o7777) throw new Error(`${path}: mode ${mode} is not within 0 and 0o7777`);
}

/** The first name of a hard link has the content: Linux, GNU cpio and bsdtar all unpack that, whatever they write themselves. */
function contentOf(entry: Entry): Uint8Array | FileOnDisk {
  if (entry.type === 'symlink') return Buffer.from(entry.target);
  return entry.type === 'file' ? entry.data : new Uint8Array(0);
}

function linkedPath(entry: Entry): string {
  return (entry.type === 'file' ? entry.hardLinkTo : undefined) ?? entry.path;
}

/** Number of names for files with more than one, by the path that has the content. */
function countLinks(entries: readonly Entry[]): Map<string, number> {
  const files = new Map<string, FileEntry>();
  const links = new Map<string, number>();
  for (const entry of entries) {
    if (entry.type !== 'file') continue;
    if (entry.hardLinkTo === undefined) {
      files.set(entry.path, entry);
      continue;
    }
    const fault = linkFault(entry, files.get(entry.hardLinkTo));
    if (fault)
      throw new BuildError('CPIO_LINK_INVALID', `${entry.path}: hard link to ${entry.hardLinkTo}, ${fault}`, {
        hint: 'Put the file first; give the link the path, owner, mode and date of the file.',
      });
    links.set(entry.hardLinkTo, (links.get(entry.hardLinkTo) ?? 1) + 1);
  }
  return links;
}

function linkFault(link: FileEntry, file: FileEntry | undefined): string | undefined {
  if (!file) return 'which is not an earlier file';
  if (link.data.length > 0) return 'but the link has content of its own';
  const differing = (['mode', 'uid', 'gid', 'mtime'] as const).find((field) => link[field] !== file[field]);
  return differing && `which has another ${differing}`;
}
