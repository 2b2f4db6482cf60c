import { mkdir, open, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { measureCommand, type Cost } from './command.ts';
import { root } from '../files.ts';

/** One way to pack the same tree. */
export interface Packing extends Cost {
  name: string;
  peakMiB: number;
  /** Of the tree's bytes, by wall clock. */
  megabytesPerSecond: number;
  /** Of the archive, bytes. */
  size: number;
}

const MB = 1e6;

/** By name: a command for sh; $1 is the tree, $2 the archive. */
const WAYS: Record<string, string> = {
  'ours: cpio': `node --import @swc-node/register/esm-register ${join(root, 'tools/bench/archive.ts')} "$1" "$2"`,
  'GNU cpio': 'cd "$1" && find . | LC_ALL=C sort | cpio --quiet -o -H newc >"$2"',
  bsdtar: 'bsdtar --format=newc -cf "$2" -C "$1" .',
  'ours: cpio, then zstd': `node --import @swc-node/register/esm-register ${join(root, 'tools/bench/archive.ts')} "$1" "$2" && zstd -12 --long=25 --single-thread --quiet -f "$2" -o "$2.zst" && mv "$2.zst" "$2"`,
  'GNU cpio | gzip': 'cd "$1" && find . | LC_ALL=C sort | cpio --quiet -o -H newc | gzip >"$2"',
};

/** Packs a tree of 500 MB, the same on every machine, in each way, three times, and takes the fastest. */
export async function measureArchivers(scratch: string): Promise<Packing[]> {
  const tree = join(scratch, 'tree');
  const bytes = await makeTree(tree);
  const archive = join(scratch, 'archive');
  const packings: Packing[] = [];
  for (const [name, script] of Object.entries(WAYS)) {
    let best: (Cost & { peakMiB: number }) | undefined;
    for (let round = 0; round < 3; round++) {
      await rm(archive, { force: true });
      const cost = await measureCommand(['sh', '-c', script, 'sh', tree, archive], scratch, { cwd: root });
      if (!best || cost.wallSeconds < best.wallSeconds) best = cost;
    }
    if (!best) continue;
    packings.push({ name, ...best, megabytesPerSecond: bytes / MB / best.wallSeconds, size: (await stat(archive)).size });
    console.log(`${name}: ${(bytes / MB / best.wallSeconds).toFixed(0)} MB/s, ${best.cpuSeconds.toFixed(1)} CPU s, ${best.peakMiB.toFixed(0)} MiB`);
  }
  await rm(tree, { recursive: true });
  return packings;
}

/** Half of the bytes in programs of 10 MB, the other half in files of 8 kB; half of each compresses. Returns the bytes. */
async function makeTree(tree: string): Promise<number> {
  const noise = Buffer.alloc(10 * MB);
  for (let at = 0, state = 1; at < noise.length; at += 4) {
    // A linear congruential generator (Numerical Recipes): no seed from anywhere.
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    noise.writeUInt32LE(at % 64 < 32 ? state : 0, at);
  }
  let bytes = 0;
  for (let program = 0; program < 25; program++) {
    await mkdir(join(tree, 'bin'), { recursive: true });
    const file = await open(join(tree, `bin/program${program}`), 'w', 0o755);
    await file.writeFile(noise);
    await file.close();
    bytes += noise.length;
  }
  for (let directory = 0; directory < 250; directory++) {
    await mkdir(join(tree, `share/${directory}`), { recursive: true });
    for (let file = 0; file < 125; file++) {
      const data = noise.subarray(file * 8000, (file + 1) * 8000);
      await writeFile(join(tree, `share/${directory}/file${file}`), data);
      bytes += data.length;
    }
  }
  return bytes;
}
