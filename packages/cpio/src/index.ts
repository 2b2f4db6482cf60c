export { comparePaths, directoryEntry, fileEntry, symlinkEntry, TYPE_BITS, type Entry, type FileEntry } from './entry.ts';
export { bytesOf, FileOnDisk, piecesOf } from './file-on-disk.ts';
export { encode } from './encode.ts';
export { decode } from './decode.ts';
export { merge, type Layer } from './merge.ts';
export { toTree } from './tree.ts';
