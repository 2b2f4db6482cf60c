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
import { rootFile } from '@container-os/oci-image';
import { join, relative } from 'node:path';
import { makeConfig } from './config.ts';
import { readContents, readValues } from './contents.ts';
import { copyWorkspace, shownBy, withCopies } from './copies.ts';
import { checkDefinition, type Definition } from './definition.ts';
import { readEnvironment } from './environment.ts';
import {
  completeRoot,
  IDENTITY_LENGTH,
  imageIdentity,
  definitionOf,
  imageSource,
  remarksOn,
  unpackImage,
  writeImageRoot,
  type UnpackedImage,
} from './image-root.ts';
import type { OciConfig } from './oci-config.ts';
import { mountedFiles, ownerOf, withPlaces, type MountedFile } from './mounted-files.ts';
import { optOuts } from './opt-outs.ts';
import { checkName, planBundle, type BundlePlan, type JsonObject } from './plan.ts';
import { requireProgram } from './program.ts';
import { formatConfig } from './resources.ts';
import { byPath, type Root } from './root-view.ts';
import recipe from './recipe.json' with { type: 'json' };
import { assembleRootfs, mountPoints, moveBelow, shiftIds, temporaryDirectory, type Shown } from './rootfs.ts';
import type { OciBundleOptions } from './schema.d.ts';
import { readProfile } from './seccomp-profile.ts';
import { isSecret } from './secret.ts';
import { serviceFile } from './service.ts';
import { validateRootfs } from './validate.ts';

/**
 * Makes the layer with /containers/<name>: config.json, rootfs/, definition.json, and the supervisor's file service, for each container of a service.
 * The root of an OCI image is in root.ndjson instead, those of further containers in root-2.ndjson …
 */
export default defineExecutor<OciBundleOptions, BundlePlan>({ recipe, content: readValues, plan: planBundle, run: buildBundle });

async function buildBundle(
  { containers, image, rootfs, service, environment, contents, binds, patches }: BundlePlan,
  context: BuildContext,
): Promise<ManifestInput> {
  const place = `${context.image}:${context.target}`;
  const root = relative(context.workspaceRoot, context.imageRoot);
  const values = readEnvironment({ environment }, { workspaceRoot: context.workspaceRoot, root });
  const found = readContents({ contents }, { workspaceRoot: context.workspaceRoot, root });
  // The keys alone: logs are kept and shared.
  const held = [...(environment?.variables ?? []).filter((name) => isSecret(name, values[name])), ...(contents?.secrets ?? []).map((one) => `secrets.${one}`)];
  if (held.length > 0) context.log.info(`SECRET_IN_IMAGE: the image and every cache that has it hold the values of ${held.join(', ')}`);
  const unpacked = image === undefined ? undefined : await unpackImage(image, context);
  const variables = Object.fromEntries((environment?.variables ?? []).map((name) => [name, values[name]]));
  const shared = unpacked ? definitionOf(unpacked, service, variables, place) : withEnvironment({ rootfs, ...service }, values);
  const source = {
    patches: await Promise.all(patches.map((patch) => readPatch(patch, context))),
    profile: await readProfile(context.artifact('seccomp-profile')),
  };
  const entries: Entry[] = [];
  for (const [index, own] of containers.entries()) {
    const name = checkName(own.container_name);
    const definition = checkDefinition(place, withCopies(withPlaces(withOwn(shared, own), name), binds, name));
    for (const other of Object.keys(definition.depends_on ?? {})) checkName(other);
    for (const { text, reason } of optOuts(definition)) context.log.info(`OPT_OUT: container ${name}: ${text}: ${reason}`);
    const config = makeConfig(name, { definition, ...source });
    const bundle = `containers/${name}`;
    const files = mountedFiles(definition);
    const shown: Shown = new Map([...shownBy(definition, context), ...files.map(({ target }) => [target, 'file'] as const)]);
    const container = { name, definition, config, shown };
    const copies = await copyWorkspace(definition, { binds, mounts: config.mounts ?? [], shown, place }, context);
    const root = unpacked ? await imageRoot(container, unpacked, join(context.out, rootFile(index)), context) : await layersRoot(container, place, context);
    const placed = shiftIds(moveBelow(bundle, root), config);
    const identity = unpacked ? imageIdentity(unpacked, config) : await layersIdentity(placed, context);
    entries.push(
      fileEntry(`${bundle}/config.json`, formatConfig(config)),
      fileEntry(`${bundle}/definition.json`, `${JSON.stringify(definition, null, 2)}\n`),
      fileEntry(`${bundle}/service`, serviceFile(name, definition, config, identity)),
      ...placed,
      ...shiftIds(moveBelow(bundle, [...fileEntries(files, found), ...copies]), config),
    );
  }
  const layer = join(context.out, 'layer.cpio');
  await writeLayer(layer, entries);
  const names = containers.map(({ container_name }) => container_name);
  // The content is the user's: its hash is its version, and its licences are unknown.
  return {
    name: context.target,
    version: (await sha256File(layer)).slice(0, 12),
    licence: 'NOASSERTION',
    sources: unpacked ? [imageSource(unpacked.receipt)] : [],
    details: { containers: names },
  };
}

interface Container {
  name: string;
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

/** What a container has for itself, over what all of its service have. */
function withOwn(shared: object & { labels?: object }, own: BundlePlan['containers'][number]): Pick<Definition, 'secrets' | 'configs' | 'volumes'> {
  return { ...shared, ...own, ...(own.labels ? { labels: { ...shared.labels, ...own.labels } } : {}) };
}

/** The root that is made of layers and directories: entries of the bundle. */
async function layersRoot({ name, definition, config, shown }: Container, place: string, context: BuildContext): Promise<Entry[]> {
  const rootfs = assembleRootfs(await Promise.all((definition.rootfs ?? []).map((part) => readPart(part, place, context))));
  const root = toTree([...rootfs, ...mountPoints(rootfs, config, shown), ...temporaryDirectory(rootfs, config)]);
  requireStartable({ name, definition, config, shown }, byPath(root));
  return [directoryEntry('rootfs'), ...moveBelow('rootfs', root)];
}

/** The root of an OCI image, which is a file of its own beside the layer. */
async function imageRoot({ name, definition, config, shown }: Container, image: UnpackedImage, file: string, context: BuildContext): Promise<Entry[]> {
  const { added, complete } = completeRoot(name, image, config, shown);
  requireStartable({ name, definition, config, shown }, complete);
  for (const line of remarksOn(image, definition)) context.log.info(line);
  await writeImageRoot(file, name, image, added, config);
  return [];
}

/** Which root it is, of layers: the digest of its files. */
async function layersIdentity(entries: readonly Entry[], { scratch }: BuildContext): Promise<string> {
  const file = join(scratch, 'root.cpio');
  await writeLayer(file, entries);
  return (await sha256File(file)).slice(0, IDENTITY_LENGTH);
}

function requireStartable({ name, definition, config, shown }: Container, root: Root): void {
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
