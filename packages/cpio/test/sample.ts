import { bytesOf, directoryEntry, fileEntry, symlinkEntry, type Entry } from '../src/index.ts';
import type { FileOnDisk } from '../src/file-on-disk.ts';

const OWNED = { uid: 1000, gid: 1001, mtime: 1_700_000_000 };

/** Every type of entry, sorted: owners, setuid, hard links, contents of every length modulo 4, names that UTF-16 sorts otherwise. */
export const SAMPLE: Entry[] = [
  directoryEntry('bin'),
  { ...fileEntry('bin/su', 'a', 0o4755) },
  { ...fileEntry('bin/wall', 'ab', 0o2755), gid: 5 },
  directoryEntry('dev'),
  { ...directoryEntry('dev/fifo', 0o600), type: 'fifo' },
  { ...directoryEntry('dev/log', 0o666), type: 'socket' },
  { ...directoryEntry('dev/null', 0o666), type: 'character', major: 1, minor: 3 },
  { ...directoryEntry('dev/vda', 0o660), type: 'block', gid: 6, major: 254, minor: 4095 },
  { ...directoryEntry('home', 0o700), ...OWNED },
  { ...fileEntry('home/a', 'abc', 0o640), ...OWNED },
  { ...fileEntry('home/b', '', 0o640), ...OWNED, hardLinkTo: 'home/a' },
  { ...fileEntry('home/c', '', 0o640), ...OWNED, hardLinkTo: 'home/a' },
  symlinkEntry('home/link', '../bin/sü'),
  directoryEntry('tmp', 0o1777),
  fileEntry('tmp/empty', ''),
  fileEntry('tmp/empty-1', '', 0o600),
  { ...fileEntry('tmp/empty-2', '', 0o600), hardLinkTo: 'tmp/empty-1' },
  fileEntry('tmp/四', Buffer.from([0, 1, 2, 255])),
  // U+FF41 is below U+1F600 in UTF-8; in UTF-16, the latter's surrogates come first.
  fileEntry('tmp/ａ', 'full-width'),
  fileEntry('tmp/😀', 'emoji'),
  fileEntry('\ufeffname', 'begins with a byte order mark'),
];

export function toBuffer(chunks: Iterable<Uint8Array | FileOnDisk>): Buffer {
  return Buffer.concat([...chunks].map(bytesOf));
}

/** With all contents as one kind of Uint8Array: to vitest, a Buffer of the same bytes is another. */
export function plain(entries: readonly Entry[]): Entry[] {
  return entries.map((entry) => (entry.type === 'file' ? { ...entry, data: new Uint8Array(bytesOf(entry.data)) } : entry));
}
