// Compares our flattened roots with those of umoci, which unpacks the same images: paths, types, modes, owners, dates, contents, hard links and extended
// attributes. Needs umoci 0.6 in PATH and root, because umoci gives files their owners. Without a layout: the cases of the unit tests.
//   node --import @swc-node/register/esm-register packages/oci-image/test/oracle/oracle.ts [LAYOUT...]
import { piecesOf } from '@container-os/cpio';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { flatten } from '../../src/root/flatten.ts';
import type { ImageRoot } from '../../src/root/image-root.ts';
import { HARD_LINKS, LAYERS, OPAQUE, SYMLINKS, WHITEOUTS } from '../cases.ts';
import { TRAITS } from './traits.ts';
import { layersOf, tagsOf, writeLayout } from './layout.ts';
import { REASONS } from './reasons.ts';

/** What both say of a path, but for the inode. */
interface Facts {
  path: string;
  type: string;
  mode: number;
  owner: string;
  mtime: number;
  xattrs: Record<string, string>;
  target?: string;
  content?: string;
  /** The first of the file's names. */
  first?: string;
}

const started = Date.now() / 1000 - 1;
const scratch = mkdtempSync(join(tmpdir(), 'oci-oracle-'));
try {
  process.exitCode = await main(process.argv.slice(2));
} finally {
  rmSync(scratch, { recursive: true });
}

async function main(layouts: readonly string[]): Promise<number> {
  let [count, unexplained] = [0, 0];
  const used = new Set<string>();
  const compare = async (name: string, layout: string, tag: string): Promise<void> => {
    count++;
    for (const difference of await differencesOf(layout, tag)) {
      const reason = REASONS.find(({ image, difference: pattern }) => image.test(name) && pattern.test(difference));
      if (reason) used.add(reason.why);
      else unexplained++;
      console.log(`${name}: ${difference}${reason ? ` (${reason.why})` : ''}`);
    }
  };
  if (layouts.length === 0) {
    for (const [name, layers] of [...LAYERS, ...WHITEOUTS, ...OPAQUE, ...SYMLINKS, ...HARD_LINKS, ...TRAITS]) {
      const layout = join(scratch, 'layout');
      writeLayout(layout, layers);
      await compare(name, layout, 'case');
      rmSync(layout, { recursive: true });
    }
  }
  for (const layout of layouts) for (const tag of tagsOf(layout)) await compare(tag, layout, tag);
  console.log(`${count} images, ${unexplained} differences without a reason`);
  return unexplained > 0 || count === 0 ? 1 : 0;
}

async function differencesOf(layout: string, tag: string): Promise<string[]> {
  const directory = mkdtempSync(join(scratch, 'image-'));
  try {
    const [theirs, ours] = [umoci(layout, tag, join(directory, 'root')), await own(layout, tag, directory)];
    if (typeof theirs === 'string' || typeof ours === 'string') return theirs === ours ? [] : [`ours: ${outcome(ours)}; umoci: ${outcome(theirs)}`];
    const paths = [...new Set([...theirs.keys(), ...ours.keys()])].sort();
    return paths.flatMap((path) => difference(ours.get(path), theirs.get(path)) ?? []);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function outcome(result: Map<string, Facts> | string): string {
  return typeof result === 'string' ? result : 'taken';
}

function difference(ours: Facts | undefined, theirs: Facts | undefined): string | undefined {
  if (!ours || !theirs) return `/${ours?.path ?? theirs?.path}: ${ours ? `ours alone, a ${ours.type}` : `umoci's alone, a ${theirs?.type}`}`;
  const keys = ['type', 'mode', 'owner', 'mtime', 'target', 'content', 'first', 'xattrs'] as const;
  // A directory that no layer has, or from which something was taken: umoci leaves the time of unpacking.
  const unpackedNow = theirs.type === 'directory' && theirs.mtime >= started;
  const differing = keys.filter((key) => JSON.stringify(ours[key]) !== JSON.stringify(theirs[key]) && !(key === 'mtime' && unpackedNow));
  if (differing.length === 0) return undefined;
  return `/${ours.path}: ${differing.map((key) => `${key} ${JSON.stringify(ours[key])}, umoci ${JSON.stringify(theirs[key])}`).join('; ')}`;
}

function umoci(layout: string, tag: string, root: string): Map<string, Facts> | string {
  try {
    execFileSync('umoci', ['raw', 'unpack', '--image', `${layout}:${tag}`, root], { stdio: 'pipe' });
  } catch (error) {
    return `refused: ${String((error as { stderr?: Buffer }).stderr ?? error)
      .trim()
      .split('\n')
      .at(-1)}`;
  }
  const listed = execFileSync('python3', [join(import.meta.dirname, 'list.py'), root], { encoding: 'utf8', maxBuffer: 2 ** 30 });
  const all = listed
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Facts & { inode: number })
    .sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
  const firsts = new Map<number, string>();
  return new Map(
    all.map(({ inode, ...facts }) => {
      const first = firsts.get(inode);
      if (first === undefined) firsts.set(inode, facts.path);
      return [facts.path, first !== undefined && facts.type === 'file' ? { ...facts, first } : facts];
    }),
  );
}

async function own(layout: string, tag: string, directory: string): Promise<Map<string, Facts> | string> {
  try {
    return factsOf(await flatten(layersOf(layout, tag, directory)));
  } catch (error) {
    return `refused: ${(error as Error).message}`;
  }
}

function factsOf(root: ImageRoot): Map<string, Facts> {
  const facts = new Map<string, Facts>();
  for (const entry of [root.directory, ...root.entries()]) {
    const { path, type, mode, uid, gid, mtime, xattrs = {} } = entry;
    const first = entry.type === 'file' ? entry.hardLinkTo : undefined;
    facts.set(path, {
      ...{ path, type, mode, owner: `${uid}:${gid}`, mtime, xattrs },
      ...(entry.type === 'symlink' ? { target: entry.target } : {}),
      ...(entry.type === 'file' ? { content: (first === undefined ? undefined : facts.get(first)?.content) ?? sha256(entry.data) } : {}),
      ...(first === undefined ? {} : { first }),
    });
  }
  return facts;
}

function sha256(data: Parameters<typeof piecesOf>[0]): string {
  const hash = createHash('sha256');
  for (const piece of piecesOf(data)) hash.update(piece);
  return hash.digest('hex');
}
