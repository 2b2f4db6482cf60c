// node --import @swc-node/register/esm-register tools/kernel-symbols.ts [TREE | NAMES]…
// Renews kernel-symbols.txt: which of the symbols that the fragments of the bases ask for a version of Linux defines. Each TREE is an
// unpacked source tree, each NAMES a file linux-<version>.txt with all names of one, a line each. What is known of other versions
// stays; a symbol that is new to the fragments is "?" in them, until their trees are given again.
import { columns } from '@container-os/core';
import { parseFragment, readKconfig, readTreeVersion, type Request } from '@container-os/kbuild';
import { globbySync } from 'globby';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { root } from './files.ts';

const TABLE = join(import.meta.dirname, 'kernel-symbols.txt');
const HEADER = '# Which versions of Linux define the symbols of the fragments of the bases: + yes, - no, ? not looked up. Made by kernel-symbols.ts.';

/** `+`, `-` or `?` by symbol, by version. */
export type Symbols = Map<string, Map<string, string>>;

/** The requests of each fragment, by file. */
export function readFragments(): Map<string, Request[]> {
  const files = globbySync('packages/image/bases/*/kernel/*.config', { cwd: root }).sort();
  return new Map(files.map((file) => [file, parseFragment(readFileSync(join(root, file), 'utf8'), file)]));
}

export function readTable(): Symbols {
  const [, , versions = '', ...rows] = readFileSync(TABLE, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.trim());
  return new Map(
    versions
      .split(/\s+/)
      .map((version, column) => [version, new Map(rows.map((row) => row.split(/\s+/)).map(([symbol = '', ...marks]) => [symbol, marks[column] ?? '?']))]),
  );
}

async function readNames(path: string): Promise<[version: string, names: ReadonlySet<string>]> {
  if (statSync(path).isFile()) return [basename(path).replace(/^linux-|\.txt$/g, ''), new Set(readFileSync(path, 'utf8').split('\n'))];
  const version = await readTreeVersion(path);
  if (!version) throw new Error(`${path}/Makefile has no VERSION, PATCHLEVEL and SUBLEVEL: expected a Linux source tree`);
  return [version, new Set((await readKconfig(path)).keys())];
}

async function main(paths: readonly string[]): Promise<void> {
  const symbols = [...new Set([...readFragments().values()].flat().map(({ symbol }) => symbol))].sort();
  const known = new Map([...readTable()].map(([version, marks]) => [version, (symbol: string) => marks.get(symbol) ?? '?']));
  for (const [version, names] of await Promise.all(paths.map(readNames)))
    known.set(version, (symbol) => (names.has(symbol.replace('CONFIG_', '')) ? '+' : '-'));
  const versions = [...known.keys()].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  const rows = symbols.map((symbol) => [symbol, ...versions.map((version) => known.get(version)?.(symbol) ?? '?')]);
  writeFileSync(TABLE, `${[HEADER, '', ...columns([['', ...versions], ...rows])].join('\n')}\n`);
}

if (import.meta.filename === process.argv[1]) await main(process.argv.slice(2));
