import {
  BuildError,
  defineExecutor,
  exists,
  parseJson,
  readImageText,
  requireArtifact,
  sha256File,
  type BuildContext,
  type ManifestInput,
} from '@container-os/core';
import { directoryEntry, fileEntry, toTree, type Entry, type Layer } from '@container-os/cpio';
import { readLayer, readTree, writeLayer } from '@container-os/cpio/fs';
import { manifestSources, readReceipt } from '@container-os/sources';
import { join, relative } from 'node:path';
import { makeConfig } from './config.ts';
import { readContents, readValues } from './contents.ts';
import { copyWorkspace, shownBy, withCopies } from './copies.ts';
import { checkDefinition, type Definition } from './definition.ts';
import { readEnvironment } from './environment.ts';
import { completeRoot, definitionOf, imageSource, remarksOn, unpackImage, writeImageRoot, type UnpackedImage } from './image-root.ts';
import type { OciConfig } from './oci-config.ts';
import { mountedFiles, ownerOf, withPlaces, type MountedFile } from './mounted-files.ts';
import { optOuts } from './opt-outs.ts';
import { checkName, planBundle, type BundlePlan, type JsonObject } from './plan.ts';
import { requireProgram } from './program.ts';
import { byPath, type Root } from './root-view.ts';
import recipe from './recipe.json' with { type: 'json' };
import { assembleRootfs, mountPoints, moveBelow, shiftIds, temporaryDirectory, type Shown } from './rootfs.ts';
import type { OciBundleOptions } from './schema.d.ts';
import { readProfile } from './seccomp-profile.ts';
import { serviceFile } from './service.ts';
import { validateRootfs } from './validate.ts';

/**
 * Makes the layer with /containers/<name>: config.json, rootfs/, definition.json, and the supervisor's file service. The root of an OCI image is
 * in root.ndjson instead.
 */
export default defineExecutor<OciBundleOptions, BundlePlan>({ recipe, content: readValues, plan: planBundle, run: buildBundle });

async function buildBundle(
  { name: fallback, image, rootfs, service: given, environment, contents, binds, patches }: BundlePlan,
  context: BuildContext,
): Promise<ManifestInput> {
  const place = `${context.image}:${context.target}`;
  const root = relative(context.workspaceRoot, context.imageRoot);
  const values = readEnvironment({ environment }, { workspaceRoot: context.workspaceRoot, root });
  const found = readContents({ contents }, { workspaceRoot: context.workspaceRoot, root });
  // The keys alone: logs are kept and shared.
  const held = [...(environment?.variables ?? []), ...(contents?.secrets ?? []).map((one) => `secrets.${one}`)];
  if (held.length > 0) context.log.info(`SECRET_IN_IMAGE: the image and every cache that has it hold the values of ${held.join(', ')}`);
  const owner = given.container_name ?? fallback;
  const service = withCopies(withPlaces(given, owner), binds, owner);
  const unpacked = image === undefined ? undefined : await unpackImage(image, context);
  const variables = Object.fromEntries((environment?.variables ?? []).map((name) => [name, values[name]]));
  const definition = checkDefinition(place, unpacked ? definitionOf(unpacked, service, variables, place) : withEnvironment({ rootfs, ...service }, values));
  const name = checkName(definition.container_name ?? fallback);
  for (const other of Object.keys(definition.depends_on ?? {})) checkName(other);
  for (const { text, reason } of optOuts(definition)) context.log.info(`OPT_OUT: container ${name}: ${text}: ${reason}`);
  const receipt = await readReceipt(context.artifact('sources'), 'seccomp-profile');
  const profile = await readProfile(receipt, context);
  const config = makeConfig(name, { definition, patches: await Promise.all(patches.map((patch) => readPatch(patch, context))), profile });
  const files = mountedFiles(definition);
  const shown: Shown = new Map([...shownBy(definition, context), ...files.map(({ target }) => [target, 'file'] as const)]);
  const copies = await copyWorkspace(definition, { binds, mounts: config.mounts ?? [], shown, place }, context);
  const entries = unpacked
    ? await imageRoot(name, unpacked, { definition, config, shown }, context)
    : await layersRoot(name, { definition, config, shown }, place, context);
  const bundle = `containers/${name}`;
  const layer = join(context.out, 'layer.cpio');
  await writeLayer(layer, [
    fileEntry(`${bundle}/config.json`, `${JSON.stringify(config, null, 2)}\n`),
    fileEntry(`${bundle}/definition.json`, `${JSON.stringify(definition, null, 2)}\n`),
    fileEntry(`${bundle}/service`, serviceFile(name, definition)),
    ...shiftIds(moveBelow(bundle, [...entries, ...fileEntries(files, found), ...copies]), config),
  ]);
  // The content is the user's: its hash is its version, and its licences are unknown.
  return {
    name: `bundle-${name}`,
    version: (await sha256File(layer)).slice(0, 12),
    licence: 'NOASSERTION',
    sources: [...manifestSources(receipt), ...(unpacked ? [imageSource(unpacked.receipt)] : [])],
    details: { container: name },
  };
}

interface Container {
  definition: Definition;
  config: OciConfig;
  shown: Shown;
}

/** The secrets and configs that the image holds, by their places in the list of all. */
function fileEntries(files: readonly MountedFile[], contents: ReadonlyMap<string, Uint8Array>): Entry[] {
  const held = files.flatMap((file, index) => {
    if (file.external) return [];
    const content = contents.get(`${file.kind}.${file.source}`);
    if (!content) throw new Error(`the option "contents" has no ${file.kind}.${file.source}`);
    return [{ ...fileEntry(`files/${index}`, content), ...ownerOf(file) }];
  });
  return held.length > 0 ? [directoryEntry('files'), ...held] : [];
}

/** The root that is made of layers and directories: entries of the bundle. */
async function layersRoot(name: string, { definition, config, shown }: Container, place: string, context: BuildContext): Promise<Entry[]> {
  const rootfs = assembleRootfs(await Promise.all((definition.rootfs ?? []).map((part) => readPart(part, place, context))));
  const root = toTree([...rootfs, ...mountPoints(rootfs, config, shown), ...temporaryDirectory(rootfs, config)]);
  requireStartable(name, byPath(root), { definition, config, shown });
  return [directoryEntry('rootfs'), ...moveBelow('rootfs', root)];
}

/** The root of an OCI image, which is a file of its own beside the layer. */
async function imageRoot(name: string, image: UnpackedImage, { definition, config, shown }: Container, context: BuildContext): Promise<Entry[]> {
  const { added, complete } = completeRoot(name, image, config, shown);
  requireStartable(name, complete, { definition, config, shown });
  for (const line of remarksOn(image, config)) context.log.info(line);
  await writeImageRoot(join(context.out, 'root.ndjson'), name, image, added, config);
  return [];
}

function requireStartable(name: string, root: Root, { definition, config, shown }: Container): void {
  validateRootfs(name, config, root, shown);
  requireProgram(name, root, config, definition.healthcheck);
}

function withEnvironment(definition: object, environment: Record<string, string>): object {
  return Object.keys(environment).length > 0 ? { ...definition, environment } : definition;
}

async function readPatch(patch: string | JsonObject, context: BuildContext): Promise<JsonObject> {
  if (typeof patch !== 'string') return patch;
  return parseJson(patch, await readImageText(patch, 'patches', context), 'OCI_CONFIG_INVALID') as JsonObject;
}

async function readPart(part: string, place: string, { artifact, dependsOn, file, imageRoot }: BuildContext): Promise<Layer> {
  const layer = join(artifact(part), 'layer.cpio');
  if (dependsOn.includes(part) && (await exists(layer))) return { name: part, entries: await readLayer(layer) };
  if (part.startsWith('.') && (await exists(join(imageRoot, part)))) return { name: part, entries: await readTree(file(part)) };
  if (dependsOn.includes(part)) await requireArtifact(artifact(part));
  const notThere = dependsOn.includes(part)
    ? `the target "${part}" did not make ${layer}`
    : `"${part}" is not a target in "dependsOn" (${dependsOn.join(', ') || 'which is empty'})`;
  const fault = part.startsWith('.') ? `${join(imageRoot, part)}: no such directory` : notThere;
  throw new BuildError('CONTAINER_ROOTFS_MISSING', `${place}: rootfs: ${fault}`, {
    hint: 'Name an artifact that makes a layer, such as "busybox", or a directory next to compose.yaml with a leading "./".',
  });
}
