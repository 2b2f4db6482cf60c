import { BuildError } from '@container-os/core';
import type { Entry } from '@container-os/cpio';
import { createReadStream } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import type { ImageLayer, ImageOrigin } from '../receipt.ts';
import type { Extent } from '../tar/sparse.ts';
import { LayerContent, type LayerTar } from './content.ts';
import type { RootEntry } from './entry.ts';

/** Whose root it is, and where the contents come from. */
export interface RootHeader {
  container: string;
  /** From the lowest. */
  layers: ImageLayer[];
  origin: ImageOrigin;
}

/** A root that was written by {@link writeRoot}. */
export interface WrittenRoot {
  header: RootHeader;
  /** The entries; their contents are read from `tars`, which are the uncompressed layers of the header in its order. Without `tars` no content can be read. */
  entries(tars?: readonly string[]): AsyncGenerator<RootEntry>;
}

/** A line of the file: an entry with the place of its content. `data` is base64. */
type Line = Omit<Entry, 'data'> &
  Pick<RootEntry, 'xattrs'> & { hardLinkTo?: string; data?: string; layer?: number; offset?: number; size?: number; extents?: readonly Extent[] };

/** Bytes per write. */
const AT_ONCE = 1 << 20;

/**
 * Writes a root as lines of JSON (NDJSON): the header, then the entries in their order, in which a directory precedes its content and a file its hard links.
 * Contents of an image stay in its layers; others are written in base64. The file gets its name only when it is complete. Returns the number of entries.
 */
export async function writeRoot(file: string, header: RootHeader, entries: Iterable<RootEntry> | AsyncIterable<RootEntry>): Promise<number> {
  const partial = `${file}.partial-${process.pid}`;
  let count = 0;
  try {
    const output = await open(partial, 'w');
    try {
      let text = `${JSON.stringify(header)}\n`;
      for await (const entry of entries) {
        text += `${JSON.stringify(toLine(entry))}\n`;
        count++;
        if (text.length < AT_ONCE) continue;
        await output.writeFile(text);
        text = '';
      }
      await output.writeFile(text);
    } finally {
      await output.close();
    }
    await rename(partial, file);
  } finally {
    await rm(partial, { force: true });
  }
  return count;
}

function toLine(entry: RootEntry): Line {
  if (entry.type !== 'file') return entry;
  const { data, ...line } = entry;
  if (data instanceof LayerContent) return { ...line, ...data.place };
  if (!(data instanceof Uint8Array)) throw new Error(`${entry.path}: its content is in ${data.path}, which is no layer`);
  return data.length === 0 ? line : { ...line, data: Buffer.from(data).toString('base64') };
}

/** The file of the root of a target's nth container, from 0 on: beside the layer of the target. */
export function rootFile(index: number): string {
  return index === 0 ? 'root.ndjson' : `root-${index + 1}.ndjson`;
}

/**
 * Opens a root that was written by {@link writeRoot}.
 *
 * @example
 * const { header, entries } = await readRoot(join(artifact('bundle-web'), 'root.ndjson'));
 * for await (const { path } of entries()) log.info(path);
 */
export async function readRoot(file: string): Promise<WrittenRoot> {
  for await (const line of linesOf(file)) return { header: JSON.parse(line) as RootHeader, entries: (tars) => readEntries(file, tars) };
  throw new BuildError('ROOT_DAMAGED', `${file} is empty`, { hint: 'Remove the artifact and run the target that makes it again.' });
}

async function* readEntries(file: string, paths: readonly string[] | undefined): AsyncGenerator<RootEntry> {
  const tars = await Promise.all(paths?.map(async (path): Promise<LayerTar> => ({ path, size: (await stat(path)).size })) ?? []);
  let isHeader = true;
  for await (const line of linesOf(file)) {
    if (!isHeader) yield toEntry(JSON.parse(line) as Line, tars);
    isHeader = false;
  }
}

function toEntry({ data, layer, offset, size, extents, ...line }: Line, tars: readonly LayerTar[]): RootEntry {
  if (line.type !== 'file') return line as RootEntry;
  const place = { layer: layer ?? 0, offset: offset ?? 0, size: size ?? 0, ...(extents ? { extents } : {}) };
  // Opened only to be read, which is an error then.
  const tar = tars[place.layer] ?? { path: `(layer ${place.layer}, which was not obtained)`, size: 0 };
  return { ...line, data: size === undefined ? Buffer.from(data ?? '', 'base64') : new LayerContent(tar, place) } as RootEntry;
}

/** Not by readline, which takes U+2028 in a name for the end of a line. */
async function* linesOf(file: string): AsyncGenerator<string> {
  let rest = '';
  for await (const piece of createReadStream(file, { encoding: 'utf8', highWaterMark: 1 << 18 })) {
    const lines = `${rest}${piece as string}`.split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}
