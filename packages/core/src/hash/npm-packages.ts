import { readFileSync } from 'node:fs';
import { basename, dirname, isAbsolute } from 'node:path';
import type { DigestMemory } from './memory.ts';
import { findManifest } from './modules.ts';

/** npm packages whose code runs in executors and of which no version can change a byte of an artifact, each with the reason. All others count. */
export const INDIFFERENT: Readonly<Record<string, string>> = {
  'cli-progress': 'writes to the terminal only',
  '@nx/devkit': 'calls executors with options that are in the hash',
  '@swc-node/register': "compiles modules: what they mean is the language's, and they are in the hash",
  '@swc/core': 'as @swc-node/register, and finds the imports of modules for the hash',
  execa: 'starts commands: their arguments, environment and input are ours, and what they print is passed on as it is',
  nx: 'as @nx/devkit',
  'proper-lockfile': 'one process waits for another',
  typescript: 'reads tsconfig.json for @swc-node/register',
  undici: 'downloads what is then verified by sha256',
};

/**
 * Installed versions by name of the packages with these `manifests` and of all that they depend on, as Node finds them there: not what a lock file
 * says, because another version of the same name may lie beside. A name in place of a manifest is of a package that is not installed: `none`.
 */
export function npmVersions(manifests: readonly string[], memory: DigestMemory): Record<string, string> {
  const versions: Record<string, Set<string>> = {};
  const seen = new Set<string>();
  const waiting = [...manifests];
  for (let manifest = waiting.pop(); manifest !== undefined; manifest = waiting.pop()) {
    if (seen.has(manifest)) continue;
    seen.add(manifest);
    const { name, version, dependencies } = readManifest(manifest, memory);
    if (name in INDIFFERENT) continue;
    (versions[name] ??= new Set()).add(version);
    waiting.push(...dependencies);
  }
  return Object.fromEntries(
    Object.entries(versions)
      .map(([name, found]): [string, string] => [name, [...found].sort().join(', ')])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

function readManifest(manifest: string, memory: DigestMemory): { name: string; version: string; dependencies: string[] } {
  if (!isAbsolute(manifest)) return { name: manifest, version: 'none', dependencies: [] };
  return memory.recently(`npm package ${manifest}`, () => {
    const json = JSON.parse(readFileSync(manifest, 'utf8')) as PackageJson;
    const { name = basename(dirname(manifest)), version = 'none', dependencies, optionalDependencies, peerDependencies } = json;
    const find = (names: object = {}): string[] => Object.keys(names).flatMap((one) => findManifest(one, dirname(manifest)) ?? []);
    const missing = Object.keys(dependencies ?? {}).filter((one) => !(one in (optionalDependencies ?? {})) && !findManifest(one, dirname(manifest)));
    return { name, version, dependencies: [...find({ ...dependencies, ...optionalDependencies, ...peerDependencies }), ...missing] };
  });
}

interface PackageJson {
  name?: string;
  version?: string;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}
