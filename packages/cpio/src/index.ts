export { comparePaths, directoryEntry, fileEntry, symlinkEntry, TYPE_BITS, type DeviceEntry, type DirectoryEntry, type Entry, type FileEntry, type PipeEntry, type SymlinkEntry } from './entry.ts';
export { bytesOf, type FileOnDisk } from './file-on-disk.ts';
export { encode } from './encode.ts';
export { decode } from './decode.ts';
export { merge, type Layer } from './merge.ts';
export { toTree } from './tree.ts';
