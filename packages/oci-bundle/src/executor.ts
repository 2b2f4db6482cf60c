import { BuildError, defineExecutor, sha256File, type BuildContext, type ManifestInput } from '@container-os/core';
import { fileEntry, type Entry, type Layer } from '@container-os/cpio';
import { readLayer, readTree, writeLayer } from '@container-os/cpio/fs';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeConfig } from './config.ts';
import { planBundle, type BundlePlan, type JsonObject } from './plan.ts';
import { requireProgram } from './program.ts';
import { assembleRootfs, mountPoints, moveBelow } from './rootfs.ts';
import type { OciBundleOptions } from './schema.d.ts';

/** Makes the layer of /containers/<name>: config.json and rootfs/. */
export default defineExecutor<OciBundleOptions, BundlePlan>({ plan: planBundle, run: buildBundle });

async function buildBundle({ name, parts, config: patches }: BundlePlan, context: BuildContext): Promise<ManifestInput> {
  const config = makeConfig(name, await Promise.all(patches.map((patch) => readPatch(patch, context))));
  const rootfs = assembleRootfs(await Promise.all(parts.map((part) => readPart(part, context))));
  requireProgram(name, rootfs, config);
  const bundle = `containers/${name}`;
  const entries: Entry[] = [
    fileEntry(`${bundle}/config.json`, `${JSON.stringify(config, null, 2)}\n`),
    ...moveBelow(`${bundle}/rootfs`, [...rootfs, ...mountPoints(rootfs, config)]),
  ];
  const layer = join(context.out, 'layer.cpio');
  await writeLayer(layer, entries);
  // The user's content: it has no version but itself, and its licences are not known.
  return { name: `bundle-${name}`, version: (await sha256File(layer)).slice(0, 12), licence: 'NOASSERTION', details: { container: name } };
}

async function readPatch(patch: string | JsonObject, { file, imageRoot }: BuildContext): Promise<JsonObject> {
  if (typeof patch !== 'string') return patch;
  if (!(await exists(join(imageRoot, patch)))) throw new BuildError('OCI_CONFIG_INVALID', `${patch}: no such file`, { hint: 'Create the file, or correct the option "config".' });
  try {
    return JSON.parse(await readFile(file(patch), 'utf8')) as JsonObject;
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new BuildError('OCI_CONFIG_INVALID', `${patch}: not JSON: ${cause.message}`, { cause, hint: `Correct ${patch}.` });
  }
}

async function readPart(part: BundlePlan['parts'][number], { artifact, dependsOn, file, imageRoot }: BuildContext): Promise<Layer> {
  if ('layer' in part) return { name: part.layer, entries: await readLayer(join(artifact(part.layer), 'layer.cpio')) };
  const { directory } = part;
  if (await exists(join(imageRoot, directory))) return { name: directory, entries: await readTree(file(directory)) };
  throw new BuildError('CONTAINER_DIRECTORY_MISSING', `${join(imageRoot, directory)}: no such directory, and "${directory}" is none of the targets in "dependsOn" (${dependsOn.join(', ') || 'there are none'})`, {
    hint: 'Create the directory, correct the option "rootfs", or add the target to "dependsOn".',
  });
}

function exists(path: string): Promise<boolean> {
  return access(path).then(() => true, () => false);
}
