import { COMPRESSORS } from '@container-os/initramfs';
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { measureCommand, type Cost } from './command.ts';
import { root } from '../files.ts';

/** One way to pack the same tree. */
export interface Packing extends Cost {
  name: string;
  peakMiB: number;
  /** Of the tree's bytes, by wall clock; 0 where they were not packed. */
  megabytesPerSecond: number;
  /** Of the archive, bytes. */
  size: number;
}

const MB = 1e6;
const ROUNDS = 3;

const OURS = `node --import @swc-node/register/esm-register ${join(root, 'tools/bench/archive.ts')}`;
const GNU = 'cd "$1" && find . | LC_ALL=C sort | cpio --quiet -o -H newc';
const ZSTD = COMPRESSORS.zstd.argv.join(' ');

/** By name: a command for sh; $1 is the tree, $2 the archive. */
const WAYS: Record<string, string> = {
  'limit: each byte read and written once (cat)': 'cd "$1" && find . -type f -print0 | xargs -0 cat >"$2"',
  'ours: cpio': `${OURS} "$1" "$2"`,
  'of which the start of node and its TypeScript loader': `mkdir -p "$2.empty" && ${OURS} "$2.empty" "$2"`,
  'GNU cpio': `${GNU} >"$2"`,
  bsdtar: 'bsdtar --format=newc -cf "$2" -C "$1" .',
  'ours: cpio, then zstd': `${OURS} "$1" "$2" && ${ZSTD} --force "$2" -o "$2.zst" && mv "$2.zst" "$2"`,
  'GNU cpio | zstd': `${GNU} | ${ZSTD} --stdout >"$2"`,
  'GNU cpio | gzip': `${GNU} | gzip >"$2"`,
  'bsdtar | gzip': 'bsdtar --format=newc -czf "$2" -C "$1" .',
};

/** Packs a tree of 500 MB, the same on every machine, in each way, three times, and takes the fastest. */
export async function measureArchivers(scratch: string): Promise<Packing[]> {
  const tree = join(scratch, 'tree');
  const bytes = await makeTree(tree);
  const archive = join(scratch, 'archive');
  const packings: Packing[] = [];
  for (const [name, script] of Object.entries(WAYS)) {
    const rounds: (Cost & { peakMiB: number })[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      await rm(archive, { force: true });
      rounds.push(await measureCommand(['sh', '-c', script, 'sh', tree, archive], scratch, { cwd: root }));
    }
    const best = rounds.reduce((one, other) => (other.wallSeconds < one.wallSeconds ? other : one));
    const { size } = await stat(archive);
    packings.push({ name, ...best, megabytesPerSecond: size < MB ? 0 : bytes / MB / best.wallSeconds, size });
    console.log(`${name}: ${best.wallSeconds.toFixed(1)} s, ${best.cpuSeconds.toFixed(1)} CPU s, ${best.peakMiB.toFixed(0)} MiB`);
  }
  await rm(tree, { recursive: true });
  return packings;
}

/** Half of the bytes in programs of 10 MB, the other half in files of 8 kB, none like another; half of each compresses. Returns the bytes. */
async function makeTree(tree: string): Promise<number> {
  let [bytes, state] = [0, 1];
  const file = async (directory: string, name: string, size: number, mode: number): Promise<void> => {
    const data = new Uint32Array(size / 4);
    for (let at = 0; at < data.length; at++) {
      // A linear congruential generator (Numerical Recipes): no seed from anywhere.
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      data[at] = at % 16 < 8 ? state : 0;
    }
    await mkdir(join(tree, directory), { recursive: true });
    await writeFile(join(tree, directory, name), data, { mode });
    bytes += size;
  };
  for (let program = 0; program < 25; program++) await file('bin', `program${program}`, 10 * MB, 0o755);
  for (let directory = 0; directory < 250; directory++) for (let one = 0; one < 125; one++) await file(`share/${directory}`, `file${one}`, 8000, 0o644);
  return bytes;
}
