import { BuildError, readInputs } from '@container-os/core';
import { createHash } from 'node:crypto';

/**
 * sha256 of what the artifact in `directory` was made of: executor, options, the data that it read, other targets' artifacts and receipts. It is the
 * same in every workspace: the code, which is TypeScript in one and JavaScript in another, is that of the lock's version, and the host's tools are named
 * by the manifest.
 *
 * @throws BuildError ARTIFACT_MISSING when there is no record of it
 */
export async function recipeOf(directory: string): Promise<string> {
  const inputs = await readInputs(directory);
  if (!inputs) throw new BuildError('ARTIFACT_MISSING', `${directory}/inputs.json: no such file`, { hint: 'Run the target of the artifact with nx.' });
  const { configuration, options, files, artifacts } = inputs;
  const data = Object.entries(files).filter(([path]) => !/\.(ts|js|mjs|json)$/.test(path));
  const parts = [configuration['executor'], options, byShortName(data), byShortName(Object.entries(artifacts))];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/** A package lies in packages/ or node_modules/, an artifact below dist: the last two names are the same everywhere. */
function byShortName(entries: readonly [string, string][]): [string, string][] {
  return entries.map(([path, digest]): [string, string] => [path.split('/').slice(-2).join('/'), digest]).sort(([a], [b]) => (a < b ? -1 : 1));
}
