import { BuildError } from '@container-os/core/errors';
import { FileOnDisk } from '@container-os/cpio';
import { statSync } from 'node:fs';
import { BLOCK, decodeHeader, HeaderError, paddingOf, type TarHeader } from './header.ts';
import { decodePax, type PaxRecords } from './pax.ts';
import { extentsOf, gnuSparse, leadingMap, paxSparse, type Extent } from './sparse.ts';

/** A member of a tar archive; its content stays in the archive. */
export interface TarEntry {
  /** As the archive has it, `./` and all. */
  name: Buffer;
  type: 'file' | 'link' | 'symlink' | 'character' | 'block' | 'directory' | 'fifo';
  mode: number;
  uid: number;
  gid: number;
  /** Whole seconds since 1970. */
  mtime: number;
  /** Target of a symlink, name to which a hard link links. */
  linkname: Buffer;
  /** Bytes of a file. */
  size: number;
  /** Offset of a file's content in the archive. */
  offset: number;
  /** Of a sparse file: where its parts are in the archive. All else is zeros. */
  extents?: Extent[];
  xattrs?: Map<string, Buffer>;
}

/** As Go's archive/tar has it, which wrote most layers. */
const META_MAX = 1 << 20;

/**
 * The members of the tar archive `file`, in their order: ustar, pax, GNU's long names, and sparse files of each kind. Headers are
 * read and contents skipped, so that neither memory nor time grows with them. A global pax header is skipped, as Docker and umoci do.
 *
 * @throws BuildError TAR_DAMAGED with the offset
 *
 * @example
 * for (const { name, size } of readTar('layer.tar')) console.log(name.toString(), size);
 */
export function* readTar(file: string): Generator<TarEntry> {
  const archive = new FileOnDisk(file, statSync(file).size);
  const at = { offset: 0 };
  try {
    yield* readMembers(archive, at);
  } catch (error) {
    if (!(error instanceof HeaderError)) throw error;
    throw new BuildError('TAR_DAMAGED', `${file}: ${error.message} (byte ${at.offset} of the archive)`, {
      cause: error,
      hint: 'The archive was written wrong: build the image anew, or take another version of it.',
    });
  }
}

function* readMembers(archive: FileOnDisk, at: { offset: number }): Generator<TarEntry> {
  let meta: Meta = { pax: [] };
  while (at.offset < archive.length) {
    const block = read(archive, at.offset, BLOCK);
    if (isZero(block)) {
      if (at.offset + BLOCK >= archive.length || isZero(read(archive, at.offset + BLOCK, BLOCK))) break;
      throw new HeaderError('a single block of zeros, where two end an archive');
    }
    const header = decodeHeader(block);
    if ('xgLK'.includes(header.flag)) {
      if (header.size > META_MAX) throw new HeaderError(`a header of type ${header.flag} has ${header.size} bytes, at most ${META_MAX} are read`);
      meta = readMeta(meta, header.flag, Buffer.from(read(archive, at.offset + BLOCK, header.size)));
      at.offset += BLOCK + header.size + paddingOf(header.size);
      continue;
    }
    const { next, ...entry } = toEntry(block, header, meta, at.offset + BLOCK, archive);
    if (next > archive.length) throw new HeaderError(`${JSON.stringify(entry.name.toString())} has ${entry.size} bytes, but the archive ends before`);
    yield entry;
    meta = { pax: [] };
    at.offset = next;
  }
}

/** What headers of their own say of the member that follows. */
interface Meta {
  pax: PaxRecords;
  name?: Buffer;
  linkname?: Buffer;
}

function readMeta(meta: Meta, flag: string, content: Buffer): Meta {
  if (flag === 'g') return meta;
  if (flag === 'x') return { ...meta, pax: decodePax(content) };
  const end = content.indexOf(0);
  const text = end === -1 ? content : content.subarray(0, end);
  return flag === 'L' ? { ...meta, name: text } : { ...meta, linkname: text };
}

function toEntry(block: Buffer, header: TarHeader, { pax, ...long }: Meta, content: number, archive: FileOnDisk): TarEntry & { next: number } {
  // POSIX: an empty value takes the record back.
  const value = (key: string): Buffer | undefined => pax.findLast((record) => record[0] === key && record[1].length > 0)?.[1];
  const number = (key: string, otherwise: number): number => toNumber(key, value(key), otherwise);
  const name = value('path') ?? long.name ?? header.name;
  const type = typeOf(header.flag, name);
  // As in Go's archive/tar: whatever the header says, no other type has content.
  const stored = type === 'file' ? number('size', header.size) : 0;
  const common = {
    type,
    mode: header.mode & 0o7777,
    uid: number('uid', header.uid),
    gid: number('gid', header.gid),
    mtime: Math.floor(number('mtime', header.mtime)),
    linkname: value('linkpath') ?? long.linkname ?? header.linkname,
    ...xattrsOf(pax),
  };
  const blockAt = (offset: number): Buffer => read(archive, offset, BLOCK);
  if (header.flag === 'S' && header.gnu) {
    const sparse = gnuSparse(block, content, blockAt);
    const next = sparse.content + stored + paddingOf(stored);
    return { ...common, name, size: sparse.size, offset: sparse.content, extents: extentsOf(sparse, sparse.content, stored), next };
  }
  const next = content + stored + paddingOf(stored);
  const sparse = type === 'file' ? paxSparse(pax) : undefined;
  if (!sparse) return { ...common, name, size: stored, offset: content, next };
  const at = sparse.map ? { map: sparse.map, content } : leadingMap(content, blockAt);
  const extents = extentsOf({ size: sparse.size, map: at.map }, at.content, stored - (at.content - content));
  return { ...common, name: sparse.name ?? name, size: sparse.size, offset: at.content, extents, next };
}

function typeOf(flag: string, name: Buffer): TarEntry['type'] {
  // Before 1988 a directory was a file whose name ends in a slash.
  if (flag === '0' && name.at(-1) === 0x2f) return 'directory';
  const type = TYPES[flag];
  if (!type) throw new HeaderError(`${JSON.stringify(name.toString())} has the unknown type ${JSON.stringify(flag)}`);
  return type;
}

const TYPES: Record<string, TarEntry['type']> = {
  ...{ '0': 'file', '7': 'file', S: 'file', '1': 'link', '2': 'symlink' },
  ...{ '3': 'character', '4': 'block', '5': 'directory', '6': 'fifo' },
};

/** A decimal number of a pax record; a date may have a fraction and a sign. */
function toNumber(key: string, value: Buffer | undefined, otherwise: number): number {
  if (!value) return otherwise;
  const text = value.toString('latin1');
  const number = (key === 'mtime' ? /^-?\d{1,15}(\.\d*)?$/ : /^\d{1,16}$/).test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(number) || number > Number.MAX_SAFE_INTEGER) throw new HeaderError(`"${key}" in a pax header is ${JSON.stringify(text)}, no number`);
  return number;
}

/** Of both spellings: bytes as they are (star, GNU tar, Go), and base64 with an encoded name (libarchive). */
function xattrsOf(pax: PaxRecords): { xattrs?: Map<string, Buffer> } {
  const found = pax.flatMap(([key, value]): [string, Buffer][] => {
    if (key.startsWith('SCHILY.xattr.')) return [[key.slice('SCHILY.xattr.'.length), Buffer.from(value)]];
    if (key.startsWith('LIBARCHIVE.xattr.')) return [[decodeName(key.slice('LIBARCHIVE.xattr.'.length)), Buffer.from(value.toString('latin1'), 'base64')]];
    return [];
  });
  return found.length > 0 ? { xattrs: new Map(found) } : {};
}

function decodeName(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

function read(archive: FileOnDisk, offset: number, length: number): Buffer {
  const bytes = archive.peek(offset, offset + length);
  if (bytes.length < length) throw new HeaderError(`the archive ends after ${archive.length} bytes, within a header`);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

function isZero(block: Buffer): boolean {
  return block[0] === 0 && block.every((byte) => byte === 0);
}
