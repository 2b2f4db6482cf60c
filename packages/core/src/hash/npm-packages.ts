import type { ProjectGraph } from '@nx/devkit';

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

/** The part of Nx's project graph that knows the lock file. */
export type LockedPackages = Pick<ProjectGraph, 'externalNodes' | 'dependencies'>;

/** Locked versions by name of `packages` and of all that they depend on; `none` for one that the lock file does not have. */
export function npmVersions(packages: readonly string[], { externalNodes = {}, dependencies }: LockedPackages): Record<string, string> {
  const versions: Record<string, Set<string>> = {};
  const seen = new Set<string>();
  const waiting = packages.filter((name) => !(name in INDIFFERENT)).map((name) => `npm:${name}`);
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    const { packageName = id.slice('npm:'.length), version = 'none' } = externalNodes[id]?.data ?? {};
    (versions[packageName] ??= new Set()).add(version);
    waiting.push(...(dependencies[id] ?? []).map(({ target }) => target));
  }
  return Object.fromEntries(
    Object.entries(versions)
      .map(([name, found]): [string, string] => [name, [...found].sort().join(', ')])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
