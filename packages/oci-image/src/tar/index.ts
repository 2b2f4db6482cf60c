export { encodeTar, TAR_END } from './write.ts';
export { readTar, type TarEntry } from './read.ts';
export { TarStream } from './stream.ts';
