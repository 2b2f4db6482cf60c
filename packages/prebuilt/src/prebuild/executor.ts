import { BuildError, defineExecutor, readManifest, sha256File, type BuildContext, type ManifestInput } from '@container-os/core';
import { chmod, copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };
import { FILES, LOCK_FILE, packageOf, type LockedArtifact, type PrebuiltLock } from '../lock.ts';
import { recipeOf } from '../recipe-of.ts';
import recipe from './recipe.json' with { type: 'json' };
import type { PrebuildOptions } from './schema.d.ts';

/** Makes the npm package of prebuilt artifacts: files named by their sha256, and the lock file. Equal artifacts make an equal package. */
export default defineExecutor<PrebuildOptions, PrebuildOptions>({ recipe, plan: (options) => options, run: packArtifacts });

async function packArtifacts({ artifacts, platform, serial, origin }: PrebuildOptions, context: BuildContext): Promise<ManifestInput> {
  const { version } = packageJson;
  await mkdir(join(context.out, FILES));
  const locked: Record<string, LockedArtifact> = {};
  for (const name of [...artifacts].sort()) locked[name] = await packArtifact(name, context);
  const lock: PrebuiltLock = { platform, version, ...(serial && { serial }), ...(origin === undefined ? {} : { origin }), artifacts: locked };
  const licence = licenceOf(Object.values(locked).map(({ manifest }) => manifest.licence));
  await writeFile(join(context.out, LOCK_FILE), `${JSON.stringify(lock, null, 2)}\n`);
  await writeFile(join(context.out, 'package.json'), `${JSON.stringify(packageOfArtifacts(platform, version, licence), null, 2)}\n`);
  await writeFile(join(context.out, 'README.md'), readme(platform));
  return { name: packageOf(platform), version, licence };
}

/** @throws BuildError ARTIFACT_DAMAGED when a file is not what the artifact's manifest says */
async function packArtifact(name: string, { artifact, out }: BuildContext): Promise<LockedArtifact> {
  const directory = artifact(name);
  const { outputs, ...manifest } = await readManifest(directory);
  for (const { file, sha256 } of outputs) {
    const packed = join(out, FILES, sha256);
    await copyFile(join(directory, file), packed);
    await chmod(packed, 0o644);
    if ((await sha256File(packed)) !== sha256)
      throw new BuildError('ARTIFACT_DAMAGED', `${join(directory, file)}: its sha256 is not ${sha256}, which manifest.json beside it says`, {
        hint: `Remove ${directory} and run its target again.`,
      });
  }
  return { recipe: await recipeOf(directory), manifest, files: outputs.map(({ file, size, sha256 }) => ({ name: file, size, sha256 })) };
}

/** One SPDX expression for all. */
function licenceOf(licences: readonly string[]): string {
  const terms = licences.flatMap((licence) => (/ OR /.test(licence) ? [`(${licence})`] : licence.split(' AND ')));
  return [...new Set(terms)].sort().join(' AND ');
}

function packageOfArtifacts(platform: string, version: string, license: string): object {
  return {
    name: packageOf(platform),
    version,
    description: `Prebuilt artifacts of container-os for ${platform}: no code, files that are named by their sha256`,
    license,
    // No "os" and no "cpu": they are data, and an image is built from them on any host.
    files: [FILES, LOCK_FILE],
    exports: { './package.json': './package.json', [`./${LOCK_FILE}`]: `./${LOCK_FILE}` },
  };
}

function readme(platform: string): string {
  return `# ${packageOf(platform)}

What images of [container-os](https://www.npmjs.com/package/@container-os/image) for ${platform} have in common, as it was built by \`nx run-many -t prebuild\`, and nothing else: no code, no
scripts. \`${LOCK_FILE}\` names each file by its sha256, with the sources, their sha256 and the tools it was made of; the files are under
\`${FILES}/\`, each named by its sha256. \`nx run IMAGE:verify-prebuilt\` builds the same from source and compares every byte.
`;
}
