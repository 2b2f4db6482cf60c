import { BuildError } from '@container-os/core/errors';
import { createHash } from 'node:crypto';
import { comparePaths, type Entry } from './entry.ts';
import { piecesOf, type FileOnDisk } from './file-on-disk.ts';
import { directoriesAbove, toTree } from './tree.ts';

/** A named part of a root file system. */
export interface Layer {
  name: string;
  entries: readonly Entry[];
  /** Paths for which this layer wins over the others. */
  overrides?: readonly string[];
}

/** A layer's entry for one path. */
interface Claim {
  layer: Layer;
  entry: Entry;
  /** Content of a file, even if its layer has it as a hard link. */
  content: Uint8Array | FileOnDisk;
  /** All names of the inode, for a file with more than one. */
  names: readonly string[];
}

/**
 * Merges layers into one tree (see {@link toTree}). Equal entries of several layers become one, with the latest date.
 * The order of the layers does not matter: an override wins wherever its layer stands.
 *
 * @throws BuildError LAYER_CONFLICT (one path with different type, mode, owner or content; or a path below another layer's
 * file or symlink, through which the kernel would write elsewhere), LAYER_OVERRIDE_UNUSED.
 *
 * @example
 * const root = merge([{ name: 'busybox', entries: a }, { name: 'site', entries: b, overrides: ['etc/motd'] }]);
 */
export function merge(layers: readonly Layer[]): Entry[] {
  const claims = new Map<string, Claim[]>();
  for (const claim of layers.flatMap(claimsOf)) claims.set(claim.entry.path, [...(claims.get(claim.entry.path) ?? []), claim]);
  for (const layer of layers) for (const path of layer.overrides ?? []) requireOverride(layer, path, claims.get(path) ?? []);
  const owners = new Map([...claims].map(([path, all]) => [path, decide(path, all)]));
  for (const claim of owners.values()) requireDirectories(claim, owners);
  return toTree(joinLinks([...owners.values()]));
}

function claimsOf(layer: Layer): Claim[] {
  const files = new Map<string, { content: Uint8Array | FileOnDisk; names: string[] }>();
  return toTree(layer.entries, `layer "${layer.name}": `).map((entry) => {
    if (entry.type !== 'file') return { layer, entry, content: new Uint8Array(0), names: [] };
    const file = files.get(entry.hardLinkTo ?? entry.path) ?? { content: entry.data, names: [] };
    file.names.push(entry.path);
    files.set(entry.path, file);
    return { layer, entry, ...file };
  });
}

function requireOverride(layer: Layer, path: string, claims: readonly Claim[]): void {
  const own = claims.some((claim) => claim.layer === layer);
  if (own && claims.length > 1) return;
  throw new BuildError(
    'LAYER_OVERRIDE_UNUSED',
    `layer "${layer.name}" declares an override of ${path}, which ${own ? 'no other layer has' : 'it does not have itself'}`,
    {
      hint: 'Remove the override, or correct its path.',
    },
  );
}

/** The claim that wins a path: the one with an override, else any, because all must be equal. */
function decide(path: string, claims: readonly Claim[]): Claim {
  const overriding = claims.filter(({ layer }) => layer.overrides?.includes(path));
  return (overriding.length > 0 ? overriding : claims).reduce((first, second) => {
    const difference = describeDifference(first, second);
    if (difference) throw conflict(path, first, second, difference);
    return first.entry.mtime >= second.entry.mtime ? first : second;
  });
}

function requireDirectories(claim: Claim, owners: ReadonlyMap<string, Claim>): void {
  for (const path of directoriesAbove(claim.entry.path)) {
    const above = owners.get(path);
    if (above && above.entry.type !== 'directory') throw conflict(path, above, claim, `${above.entry.type} and directory of ${claim.entry.path}`);
  }
}

function conflict(path: string, first: Claim, second: Claim, difference: string): BuildError {
  return new BuildError('LAYER_CONFLICT', `layers "${first.layer.name}" and "${second.layer.name}" disagree on ${path}: ${difference}`, {
    hint: difference.includes('directory')
      ? `Move the files of one layer away from ${path}: the kernel would drop them, or write them elsewhere.`
      : `Remove the file from one of the layers, or declare which layer wins: "overrides": { "${second.layer.name}": ["${path}"] }.`,
  });
}

function describeDifference(first: Claim, second: Claim): string | undefined {
  if (first.entry.type !== second.entry.type) return `${first.entry.type} and ${second.entry.type}`;
  const [left, right] = [factsOf(first), factsOf(second)];
  const differing = Object.keys(left).filter((fact) => left[fact] !== right[fact]);
  return differing.length === 0 ? undefined : differing.map((fact) => `${fact} ${left[fact]} and ${right[fact]}`).join(', ');
}

/** Facts on which two layers must agree, by their names in messages. */
function factsOf({ entry, content, names }: Claim): Record<string, string> {
  const common = { mode: `0${entry.mode.toString(8)}`, owner: `${entry.uid}:${entry.gid}` };
  if (entry.type === 'file') return { ...common, sha256: sha256(content), 'hard links': names.length > 1 ? names.join(' = ') : 'none' };
  if (entry.type === 'symlink') return { ...common, target: entry.target };
  if (entry.type === 'character' || entry.type === 'block') return { ...common, device: `${entry.major}:${entry.minor}` };
  return common;
}

function sha256(content: Uint8Array | FileOnDisk): string {
  const hash = createHash('sha256');
  for (const piece of piecesOf(content)) hash.update(piece);
  return hash.digest('hex');
}

/** Keeps names of one inode linked, except those that another layer overrides. */
function joinLinks(claims: readonly Claim[]): Entry[] {
  const files = new Map<string, Entry>();
  return [...claims]
    .sort((a, b) => comparePaths(a.entry.path, b.entry.path))
    .map((claim) => {
      const { entry, content, names } = claim;
      if (entry.type !== 'file') return entry;
      const { hardLinkTo: _, ...plain } = entry;
      if (names.length < 2) return plain;
      const inode = JSON.stringify(factsOf(claim));
      const first = files.get(inode);
      if (first) return { ...plain, data: new Uint8Array(0), hardLinkTo: first.path };
      const file = { ...plain, data: content };
      files.set(inode, file);
      return file;
    });
}
