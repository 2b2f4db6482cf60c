import { SOURCE_DATE_EPOCH } from '@container-os/core/source-date-epoch';
import type { FileOnDisk } from './file-on-disk.ts';

/** Fields of every entry. Times are seconds since 1970; `mode` is the permission bits with setuid, setgid and sticky (0 to 0o7777). */
interface Common {
  /** Relative, without leading slash or `..`: `usr/bin/env`. The root directory itself is not an entry. */
  path: string;
  mode: number;
  uid: number;
  gid: number;
  mtime: number;
}

/** A file's content; a hard link names the earlier file entry whose inode it shares and has no content of its own. */
export type FileEntry = Common & { type: 'file'; data: Uint8Array | FileOnDisk; hardLinkTo?: string };
export type DirectoryEntry = Common & { type: 'directory' };
export type SymlinkEntry = Common & { type: 'symlink'; target: string };
export type DeviceEntry = Common & { type: 'character' | 'block'; major: number; minor: number };
export type PipeEntry = Common & { type: 'fifo' | 'socket' };

/** One member of an archive, as the file system will show it. */
export type Entry = FileEntry | DirectoryEntry | SymlinkEntry | DeviceEntry | PipeEntry;

/** File type bits of st_mode, from stat(2). */
export const TYPE_BITS = {
  socket: 0o140000,
  symlink: 0o120000,
  file: 0o100000,
  block: 0o060000,
  directory: 0o040000,
  character: 0o020000,
  fifo: 0o010000,
} as const satisfies Record<Entry['type'], number>;

/** A file owned by root with the date `SOURCE_DATE_EPOCH`; a string is written as UTF-8. */
export function fileEntry(path: string, data: string | Uint8Array, mode = 0o644): FileEntry {
  return { type: 'file', ...ownedByRoot(path, mode), data: typeof data === 'string' ? Buffer.from(data) : data };
}

/** A directory owned by root with the date `SOURCE_DATE_EPOCH`. */
export function directoryEntry(path: string, mode = 0o755): DirectoryEntry {
  return { type: 'directory', ...ownedByRoot(path, mode) };
}

/** A symlink owned by root with the date `SOURCE_DATE_EPOCH`. */
export function symlinkEntry(path: string, target: string): SymlinkEntry {
  return { type: 'symlink', ...ownedByRoot(path, 0o777), target };
}

function ownedByRoot(path: string, mode: number): Common {
  return { path, mode, uid: 0, gid: 0, mtime: SOURCE_DATE_EPOCH };
}

/** Orders paths by their UTF-8 bytes, as `LC_ALL=C sort` does; a directory precedes its content. */
export function comparePaths(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
