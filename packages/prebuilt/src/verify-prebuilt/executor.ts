import { BuildError, defineCommand, readManifest } from '@container-os/core';
import type { LockedArtifact } from '../lock.ts';
import { recipeOf } from '../recipe-of.ts';
import { compare, describe, HINTS } from './compare.ts';
import type { VerifyPrebuiltOptions } from './schema.d.ts';

/** Compares what its dependencies have built from source with the lock file. */
export default defineCommand<VerifyPrebuiltOptions>(async ({ artifacts, locked }, { artifact, log }) => {
  if (artifacts.length === 0)
    throw new BuildError('PREBUILT_MISSING', 'the workspace has no lock file of prebuilt artifacts', { hint: 'Install the package of prebuilt artifacts.' });
  const differing = [];
  for (const name of artifacts) {
    const entry = (locked as Record<string, LockedArtifact | undefined>)[name];
    if (!entry) throw new Error(`the option "locked" has no ${name}`);
    const difference = compare(entry, { ...(await readManifest(artifact(name))), recipe: await recipeOf(artifact(name)) });
    if (difference) differing.push({ name, ...difference });
    else log.info(`${name}: equal (${entry.files.map((file) => file.name).join(', ')})`);
  }
  const [first] = differing;
  if (!first) return log.info(`${artifacts.length} artifacts built from source: all byte-identical to the prebuilt ones`);
  throw new BuildError(first.code, differing.map(describe).join('\n'), { hint: HINTS[first.code] });
});
