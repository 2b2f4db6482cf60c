import { BuildError } from '@container-os/core/errors';

/**
 * One header of the "new ASCII" format as numbers: 13 fields of 8 hexadecimal digits after the magic.
 * Source: Linux Documentation/driver-api/early-userspace/buffer-format.rst; cpio(5).
 */
export interface NewcHeader {
  ino: number;
  /** st_mode: type and permission bits. */
  mode: number;
  uid: number;
  gid: number;
  nlink: number;
  mtime: number;
  filesize: number;
  devmajor: number;
  devminor: number;
  rdevmajor: number;
  rdevminor: number;
  /** Bytes of the name with its closing NUL. */
  namesize: number;
  /** Sum of the content's bytes under magic 070702, else 0. */
  check: number;
}

export const HEADER_SIZE = 110;
export const MAGIC = '070701';
/** The same header with a checksum of the content. */
export const MAGIC_CRC = '070702';
/** Name of the member that ends an archive. */
export const TRAILER = 'TRAILER!!!';
/** The largest number that 8 hexadecimal digits hold; a file of 4 GiB has one byte more. */
export const FIELD_MAX = 0xffffffff;

const FIELDS = ['ino', 'mode', 'uid', 'gid', 'nlink', 'mtime', 'filesize', 'devmajor', 'devminor', 'rdevmajor', 'rdevminor', 'namesize', 'check'] as const;

/** Zero bytes after `length` bytes up to the next multiple of 4. */
export function padding(length: number): number {
  return (4 - (length % 4)) % 4;
}

/** Header and name, with NUL and padding; omitted fields are 0. @throws BuildError FILE_TOO_LARGE, FIELD_OUT_OF_RANGE. */
export function encodeHeader(header: Partial<Omit<NewcHeader, 'namesize' | 'check'>>, name: string): Uint8Array {
  const namesize = Buffer.byteLength(name) + 1;
  if ((header.filesize ?? 0) > FIELD_MAX) throw fileTooLarge(name, header.filesize ?? 0);
  const full: Partial<NewcHeader> = { ...header, namesize };
  const digits = FIELDS.map((field) => toDigits(full[field] ?? 0, field, name));
  return Buffer.from(`${MAGIC}${digits.join('')}${name}\0${'\0'.repeat(padding(HEADER_SIZE + namesize))}`);
}

function toDigits(value: number, field: string, name: string): string {
  if (Number.isInteger(value) && value >= 0 && value <= FIELD_MAX) return value.toString(16).padStart(8, '0');
  throw new BuildError('FIELD_OUT_OF_RANGE', `${name}: ${field} is ${value}, a newc header holds whole numbers from 0 to ${FIELD_MAX}`, {
    hint: `Change the ${field} of that path.`,
  });
}

export function fileTooLarge(name: string, size: number): BuildError {
  return new BuildError('FILE_TOO_LARGE', `${name}: ${size} bytes, a cpio archive holds files of at most ${FIELD_MAX} (less than 4 GiB)`, {
    hint: 'Put large data on a disk and mount it; an initramfs is all in memory.',
  });
}

/** Parses a header; undefined if `bytes` are none: too few bytes, another magic, or an invalid digit. */
export function decodeHeader(bytes: Uint8Array): (NewcHeader & { magic: string }) | undefined {
  const text = Buffer.from(bytes).toString('latin1');
  const magic = text.slice(0, 6);
  if ((magic !== MAGIC && magic !== MAGIC_CRC) || !/^[0-9a-f]{104}$/i.test(text.slice(6))) return undefined;
  const values = FIELDS.map((field, index) => [field, Number.parseInt(text.slice(6 + index * 8, 14 + index * 8), 16)] as const);
  return { magic, ...(Object.fromEntries(values) as Record<keyof NewcHeader, number>) };
}
