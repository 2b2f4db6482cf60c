import { BLOCK, HeaderError, readNumber } from './header.ts';
import type { PaxRecords } from './pax.ts';

/** A part of a sparse file that is not zeros: where it is in the file, where its bytes are, and how many. */
export type Extent = [position: number, offset: number, length: number];

/** What a sparse file's headers say. `map` is missing where the map is in front of the content (pax 1.0). */
export interface SparseMap {
  size: number;
  /** Position in the file and length of each part. */
  map?: [position: number, length: number][];
}

/** Most parts of one file; a map in memory has a few bytes for each. */
const PARTS_MAX = 1_000_000;

/** What pax 0.0, 0.1 and 1.0 say of a sparse file; undefined if the file is none. Source: GNU tar 1.34, "Storing Sparse Files". */
export function paxSparse(records: PaxRecords): (SparseMap & { name?: Buffer }) | undefined {
  const last = (key: string): Buffer | undefined => records.findLast((record) => record[0] === `GNU.sparse.${key}`)?.[1];
  const [name, listed] = [last('name'), last('map')];
  const size = last('realsize') ?? last('size');
  if (size === undefined) return undefined;
  const common = { size: toNumber(size.toString('latin1')), ...(name ? { name } : {}) };
  if (last('major')?.toString('latin1') === '1') return common;
  // 0.1 has one list; 0.0 repeats two keys.
  const numbers = listed
    ? listed.toString('latin1').split(',').filter(Boolean)
    : records.filter(([key]) => key === 'GNU.sparse.offset' || key === 'GNU.sparse.numbytes').map(([, value]) => value.toString('latin1'));
  return { ...common, map: toPairs(numbers.map(toNumber)) };
}

/** The map in front of the content (pax 1.0): decimal numbers, one a line, in whole blocks. Returns the map and the offset of the content. */
export function leadingMap(at: number, blockAt: (offset: number) => Buffer): { map: [number, number][]; content: number } {
  const numbers: number[] = [];
  // The first number says how many parts follow.
  const missing = (): boolean => numbers.length < 1 + 2 * checkCount(numbers[0] ?? 0);
  let [offset, text] = [at, ''];
  do {
    const lines = (text + blockAt(offset).toString('latin1')).split('\n');
    offset += BLOCK;
    text = lines.pop() ?? '';
    for (const line of lines) if (numbers.length === 0 || missing()) numbers.push(toNumber(line));
  } while (numbers.length === 0 || missing());
  return { map: toPairs(numbers.slice(1)), content: offset };
}

/** GNU's type S: four parts in the header, 21 in each block that follows while the one before says so. */
export function gnuSparse(header: Buffer, at: number, blockAt: (offset: number) => Buffer): Required<SparseMap> & { content: number } {
  const map = partsOf(header, 386, 4);
  let content = at;
  for (let more = header[482]; more;) {
    const block = blockAt(content);
    map.push(...partsOf(block, 0, 21));
    checkCount(map.length);
    content += BLOCK;
    more = block[504];
  }
  return { size: readNumber(header, 483, 12, 'the size of a sparse file'), map, content };
}

function partsOf(block: Buffer, start: number, count: number): [number, number][] {
  return Array.from({ length: count }, (_, index): [number, number] => {
    const at = start + 24 * index;
    return [readNumber(block, at, 12, 'a position in a sparse file'), readNumber(block, at + 12, 12, 'a length in a sparse file')];
  }).filter(([, length]) => length > 0);
}

/** The parts with the offsets of their bytes, which follow one another from `content`. @throws HeaderError if they do not fit the file or what is stored. */
export function extentsOf({ size, map }: Required<SparseMap>, content: number, stored: number): Extent[] {
  let [end, offset] = [0, content];
  const extents = map
    .filter(([, length]) => length > 0)
    .map(([position, length]): Extent => {
      if (position < end || position + length > size) throw new HeaderError(`the map of a sparse file of ${size} bytes has ${length} bytes at ${position}`);
      end = position + length;
      offset += length;
      return [position, offset - length, length];
    });
  if (offset - content !== stored) throw new HeaderError(`the map of a sparse file names ${offset - content} bytes, the archive has ${stored} of it`);
  return extents;
}

function toPairs(numbers: readonly number[]): [number, number][] {
  if (numbers.length % 2 === 1) throw new HeaderError('the map of a sparse file has a position without a length');
  checkCount(numbers.length / 2);
  return Array.from({ length: numbers.length / 2 }, (_, index): [number, number] => [numbers[2 * index] ?? 0, numbers[2 * index + 1] ?? 0]);
}

function toNumber(digits: string): number {
  const value = /^\d{1,16}$/.test(digits) ? Number(digits) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw new HeaderError(`the map of a sparse file has ${JSON.stringify(digits)} for a number`);
  return value;
}

function checkCount(count: number): number {
  if (count > PARTS_MAX) throw new HeaderError(`the map of a sparse file has ${count} parts, more than ${PARTS_MAX}`);
  return count;
}
