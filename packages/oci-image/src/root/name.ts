import { PathFault } from './tree.ts';

/** Linux's NAME_MAX. */
const NAME_MAX = 255;

/**
 * The parts of an entry's name. A leading slash means the root of the container; `.` is dropped, `..` takes the part before away, as
 * Docker and umoci do before they look at any symlink.
 *
 * @throws PathFault for an empty name, `..` above the root, NUL, what is not UTF-8, and parts that no file system takes
 */
export function partsOf(name: Buffer, what = 'the name'): string[] {
  const text = textOf(name, what);
  if (text === '') throw new PathFault(`${what} is empty`);
  const parts: string[] = [];
  for (const part of text.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') {
      if (part.length * 3 > NAME_MAX && Buffer.byteLength(part) > NAME_MAX) throw new PathFault(`a part of ${what} is longer than ${NAME_MAX} bytes`);
      parts.push(part);
    } else if (parts.pop() === undefined) throw new PathFault(`${what}, ${JSON.stringify(text)}, leaves the root`);
  }
  return parts;
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** @throws PathFault for NUL and what is not UTF-8 */
export function textOf(bytes: Buffer, what: string): string {
  if (bytes.includes(0)) throw new PathFault(`${what} has a NUL byte`);
  try {
    return UTF8.decode(bytes);
  } catch {
    throw new PathFault(`${what} is not UTF-8: ${JSON.stringify(bytes.toString('latin1'))} in Latin-1`);
  }
}
