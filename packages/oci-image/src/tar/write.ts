import type { FileOnDisk } from '@container-os/cpio';
import type { RootEntry } from '../root/entry.ts';
import { BLOCK, paddingOf } from './header.ts';
import { encodePaxRecord } from './pax.ts';

/**
 * A tar archive of `entries`, in their order, as chunks to write one after the other; a `FileOnDisk` stands for its content. ustar, and pax headers for what
 * ustar has no room for: long names, large numbers, extended attributes (`LIBARCHIVE.xattr.*`). Equal entries give equal bytes.
 *
 * @example
 * const archive = Buffer.concat([...encodeTar([directoryEntry('etc'), fileEntry('etc/motd', 'hello\n')]), TAR_END].map(bytesOf));
 */
export function* encodeTar(entries: Iterable<RootEntry>): Generator<Uint8Array | FileOnDisk> {
  for (const entry of entries) {
    yield encodeMember(entry);
    const data = contentOf(entry);
    if (data.length === 0) continue;
    yield data;
    if (paddingOf(data.length) > 0) yield Buffer.alloc(paddingOf(data.length));
  }
}

/** Two blocks of zeros end an archive. */
export const TAR_END = Buffer.alloc(2 * BLOCK);

function contentOf(entry: RootEntry): Uint8Array | FileOnDisk {
  return entry.type === 'file' && entry.hardLinkTo === undefined ? entry.data : new Uint8Array(0);
}

const FLAGS: Record<Exclude<RootEntry['type'], 'socket'>, string> = { file: '0', symlink: '2', character: '3', block: '4', directory: '5', fifo: '6' };

function encodeMember(entry: RootEntry): Buffer {
  const { path, type, mode, uid, gid, mtime, xattrs = {} } = entry;
  if (type === 'socket') throw new Error(`${path} is a socket, which tar has no type for`);
  const link = type === 'symlink' ? entry.target : type === 'file' ? (entry.hardLinkTo ?? '') : '';
  const [major, minor] = type === 'character' || type === 'block' ? [entry.major, entry.minor] : [0, 0];
  const size = contentOf(entry).length;
  const flag = type === 'file' && entry.hardLinkTo !== undefined ? '1' : FLAGS[type];
  const records = [
    ...(Buffer.byteLength(path) > 100 ? [['path', path]] : []),
    ...(Buffer.byteLength(link) > 100 ? [['linkpath', link]] : []),
    ...(size > OCTAL_11 ? [['size', String(size)]] : []),
    ...(uid > OCTAL_7 ? [['uid', String(uid)]] : []),
    ...(gid > OCTAL_7 ? [['gid', String(gid)]] : []),
    // As libarchive writes them: names as in URLs, values without padding, which mksquashfs 4.5.1 takes for a fault and ignores the attribute.
    ...Object.entries(flag === '1' ? {} : xattrs).map(([name, value]) => [`LIBARCHIVE.xattr.${encodeURIComponent(name)}`, value.replace(/=+$/, '')]),
  ].map(([key = '', value = '']) => encodePaxRecord(key, value));
  const header = encodeHeader({ path, flag, mode, uid, gid, mtime, size, link, major, minor });
  if (records.length === 0) return header;
  const pax = Buffer.from(records.join(''));
  const before = encodeHeader({ path: 'PaxHeader', flag: 'x', mode: 0o644, uid: 0, gid: 0, mtime, size: pax.length, link: '', major: 0, minor: 0 });
  return Buffer.concat([before, pax, Buffer.alloc(paddingOf(pax.length)), header]);
}

/** The largest numbers of 7 and 11 octal digits. */
const OCTAL_7 = 0o7777777;
const OCTAL_11 = 0o77777777777;

interface Fields {
  path: string;
  flag: string;
  mode: number;
  uid: number;
  gid: number;
  mtime: number;
  size: number;
  link: string;
  major: number;
  minor: number;
}

/** A field too small for its value has a part of it, and a pax record the whole. */
function encodeHeader({ path, flag, mode, uid, gid, mtime, size, link, major, minor }: Fields): Buffer {
  const block = Buffer.alloc(BLOCK);
  block.set(Buffer.from(path).subarray(0, 100), 0);
  const numbers: [value: number, at: number, digits: number][] = [
    ...([
      [mode, 100, 7],
      [uid, 108, 7],
      [gid, 116, 7],
    ] as const),
    ...([
      [size, 124, 11],
      [mtime, 136, 11],
      [major, 329, 7],
      [minor, 337, 7],
    ] as const),
  ].map(([value, at, digits]) => [value, at, digits]);
  for (const [value, at, digits] of numbers)
    block.write(
      Math.min(value, 8 ** digits - 1)
        .toString(8)
        .padStart(digits, '0'),
      at,
      'latin1',
    );
  block.write(flag, 156, 'latin1');
  block.set(Buffer.from(link).subarray(0, 100), 157);
  block.write('ustar\x0000', 257, 'latin1');
  block.write('        ', 148, 'latin1');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}
