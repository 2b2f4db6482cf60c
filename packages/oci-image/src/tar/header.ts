/**
 * One header block of a tar archive, as its bytes say: ustar, GNU or older.
 * Source: POSIX.1-2017 pax, "ustar Interchange Format"; GNU tar 1.34, "Basic Tar Format".
 */
export interface TarHeader {
  name: Buffer;
  /** The character of the type: '0' file, '1' hard link, '2' symlink, '3' character device, '4' block device, '5' directory, '6' FIFO. */
  flag: string;
  mode: number;
  uid: number;
  gid: number;
  /** Bytes that follow, without the padding. */
  size: number;
  mtime: number;
  linkname: Buffer;
  /** Of GNU's magic: the block may have a map of a sparse file. */
  gnu: boolean;
}

export const BLOCK = 512;

/** What is wrong with a header, for whoever knows the archive and the offset. */
export class HeaderError extends Error {}

/** Bytes up to the next multiple of a block. */
export function paddingOf(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}

/** @throws HeaderError */
export function decodeHeader(block: Buffer): TarHeader {
  const sum = readNumber(block, 148, 8, 'the checksum');
  const sums = checksums(block);
  if (!sums.includes(sum)) throw new HeaderError(`the checksum of a header is ${sums[0]}, the header says ${sum}`);
  const magic = block.toString('latin1', 257, 265);
  const prefix = magic === 'ustar\x0000' ? readText(block, 345, 155) : Buffer.alloc(0);
  const name = readText(block, 0, 100);
  return {
    name: prefix.length > 0 ? Buffer.concat([prefix, Buffer.from('/'), name]) : name,
    flag: block[156] === 0 ? '0' : String.fromCharCode(block[156] ?? 0),
    mode: readNumber(block, 100, 8, 'the mode'),
    uid: readNumber(block, 108, 8, 'the user id'),
    gid: readNumber(block, 116, 8, 'the group id'),
    size: readNumber(block, 124, 12, 'the size'),
    mtime: readNumber(block, 136, 12, 'the date', -Number.MAX_SAFE_INTEGER),
    linkname: readText(block, 157, 100),
    gnu: magic === 'ustar  \0',
  };
}

/** The sum of the block with its own field as spaces; old writers added signed bytes. */
function checksums(block: Buffer): [unsigned: number, signed: number] {
  let [unsigned, signed] = [8 * 32, 8 * 32];
  for (let at = 0; at < BLOCK; at++) {
    if (at >= 148 && at < 156) continue;
    const byte = block[at] ?? 0;
    unsigned += byte;
    signed += byte < 128 ? byte : byte - 256;
  }
  return [unsigned, signed];
}

/** A field up to its first NUL. */
export function readText(block: Buffer, at: number, length: number): Buffer {
  const field = block.subarray(at, at + length);
  const end = field.indexOf(0);
  return Buffer.from(end === -1 ? field : field.subarray(0, end));
}

/** A number: octal digits, or GNU's base 256 if the first bit is set. @throws HeaderError */
export function readNumber(block: Buffer, at: number, length: number, what: string, least = 0): number {
  const field = block.subarray(at, at + length);
  const value = (field[0] ?? 0) & 0x80 ? readBase256(field) : readOctal(field);
  if (value === undefined || !Number.isSafeInteger(value) || value < least) {
    throw new HeaderError(`${what} in a header is ${JSON.stringify(field.toString('latin1'))}, which is no number that it can be`);
  }
  return value;
}

function readOctal(field: Buffer): number | undefined {
  const digits = field
    .toString('latin1')
    .replace(/^ +/, '')
    .replace(/[ \0][^]*$/, '');
  if (digits === '') return 0;
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : undefined;
}

function readBase256(field: Buffer): number {
  const value = field.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  const bits = BigInt(8 * field.length);
  // Two's complement; the first bit only marks the encoding.
  return Number(value >> (bits - 2n) === 3n ? value - (1n << bits) : value - (1n << (bits - 1n)));
}
