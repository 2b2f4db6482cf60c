import { BuildError, requireArtifact, type BuildContext, type ManifestSource } from '@container-os/core';
import type { Entry } from '@container-os/cpio';
import { flatten, obtainLayer, placeEntry, readImageReceipt, writeRoot, type ImageReceipt, type ImageRoot, type RootEntry } from '@container-os/oci-image';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { findAccount, readAccounts, type Accounts } from './accounts.ts';
import type { Definition } from './definition.ts';
import { volumesOfImage, withImage, withVolumes, type ImageService, type Variables } from './image-service.ts';
import { missingEntries } from './missing-entries.ts';
import type { OciConfig } from './oci-config.ts';
import type { BundlePlan } from './plan.ts';
import type { Root } from './root-view.ts';
import type { Shown } from './rootfs.ts';
import { volumesOf } from './volumes.ts';

/** Ids that the kernel has, for a container whose ids are those of the OS. */
const ALL_IDS = 2 ** 32 - 1;
/** As many hexadecimal digits tell two roots apart. */
export const IDENTITY_LENGTH = 32;
/** A message has no more names. */
const NAMES_MAX = 10;

/** An OCI image and its flattened root; the content of the files stays in the layers. */
export interface UnpackedImage {
  receipt: ImageReceipt;
  root: ImageRoot;
}

/** Reads the image of a receipt, whose layers come from the store or from where the image is. */
export async function unpackImage({ target, file, ...limits }: NonNullable<BundlePlan['image']>, context: BuildContext): Promise<UnpackedImage> {
  const receipt = await readImageReceipt(await requireArtifact(join(context.artifact(target), file)));
  const layers: { path: string; diffId: string }[] = [];
  const large = limits.maxBytes === undefined ? {} : { bytes: limits.maxBytes };
  // One after another: each is verified as a whole, and the disk is the limit.
  for (const layer of receipt.layers) layers.push({ path: await obtainLayer(layer, receipt.origin, context, large), diffId: layer.diffId });
  const root = await context.log.step(`flatten ${receipt.layers.length} layers`, () => flatten(layers, { ...limits, signal: context.signal }));
  return { receipt, root };
}

/**
 * The definition of a container of the image, unchecked: the service's own words, else the image's, with the user looked up in the root.
 *
 * @throws BuildError CONTAINER_USER_INVALID, CONTAINER_COMMAND_MISSING
 */
export function definitionOf({ receipt, root }: UnpackedImage, service: ImageService, variables: Variables, place: string): Record<string, unknown> {
  const definition: Record<string, unknown> = { ...withImage(service, receipt.config, variables), ...withVolumes(service, receipt.config) };
  if ((definition['command'] as string[]).length === 0)
    throw new BuildError('CONTAINER_COMMAND_MISSING', `${place}: neither the service nor the OCI image ${receipt.reference} says what runs`, {
      hint: 'Write "command" or "entrypoint" in the service.',
    });
  const accounts = readAccounts(root);
  const { uid, gid, groups, home } = findAccount(String(definition['user']), accounts, place, service.group_add);
  const environment = definition['environment'] as Record<string, string>;
  return {
    image: { name: receipt.name, digest: receipt.digest } satisfies Definition['image'],
    ...definition,
    user: `${uid}:${gid}`,
    ...(groups.length > 0 ? { group_add: groups.map(String) } : {}),
    // As in runc, which takes an empty one for none.
    environment: { ...environment, HOME: environment['HOME'] || home },
    ...hooksOf(service, accounts, place),
  };
}

/** The hooks of a service, with their users looked up. */
function hooksOf({ post_start, pre_stop }: ImageService, accounts: Accounts, place: string): Partial<ImageService> {
  const looked = Object.entries({ post_start, pre_stop }).map(([name, hooks]) => [
    name,
    hooks?.map(({ user, ...hook }) => {
      if (user === undefined) return hook;
      const { uid, gid } = findAccount(user, accounts, `${place}: ${name}`);
      return { ...hook, user: `${uid}:${gid}` };
    }),
  ]);
  return Object.fromEntries(looked.filter(([, hooks]) => hooks !== undefined)) as Partial<ImageService>;
}

/** The root that a container of `config` sees before anything is mounted: that of the image, and what this lacks. */
export function completeRoot(container: string, { root }: UnpackedImage, config: OciConfig, shown: Shown): { added: Entry[]; complete: Root } {
  const added = missingEntries(container, root, config, shown);
  const byPath = new Map(added.map((entry) => [entry.path, entry]));
  return { added, complete: { get: (path) => root.get(path) ?? byPath.get(path) } };
}

/** Which root it is: the digest of its layers, and of the ids that its files have on the OS. */
export function imageIdentity({ receipt: { layers } }: UnpackedImage, { linux }: OciConfig): string {
  const parts = [...layers.map(({ diffId }) => diffId), String(linux?.uidMappings?.[0]?.hostID ?? 0)];
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, IDENTITY_LENGTH);
}

/** Writes root.ndjson: the root as it stands in that of the OS, with the ids of the OS. @throws BuildError IMAGE_OWNER_OUT_OF_RANGE, IMAGE_PATH_TOO_LONG */
export async function writeImageRoot(
  file: string,
  container: string,
  { receipt: { layers, origin }, root }: UnpackedImage,
  added: readonly Entry[],
  { linux }: OciConfig,
): Promise<void> {
  const [range] = linux?.uidMappings ?? [];
  const placement = { below: `containers/${container}/rootfs`, firstId: range?.hostID ?? 0, ids: range?.size ?? ALL_IDS };
  function* placed(): Generator<RootEntry> {
    yield placeEntry(root.directory, placement);
    for (const entry of inOrder(root.entries(), added)) yield placeEntry(entry, placement);
  }
  await writeRoot(file, { container, layers, origin }, placed());
}

/** Both are sorted by the bytes of their paths, and have no path in common. */
function* inOrder(entries: Iterable<RootEntry>, added: readonly Entry[]): Generator<RootEntry> {
  const rest = added.map((entry) => ({ entry, key: Buffer.from(entry.path) }));
  for (const entry of entries) {
    while (rest[0] && Buffer.compare(rest[0].key, Buffer.from(entry.path)) < 0) yield rest.shift()!.entry;
    yield entry;
  }
  for (const { entry } of rest) yield entry;
}

/** What a person should know of the image, a line each. */
export function remarksOn({ receipt, root: { skipped } }: UnpackedImage, definition: Definition): string[] {
  const places = volumesOfImage(receipt.config);
  const own = volumesOf(definition).flatMap(({ type, source, target }) =>
    type === 'volume' && source === undefined && places.includes(target) ? [target] : [],
  );
  const left = skipped.map(({ path, type }) => `${path} (${type})`);
  return [
    ...(own.length > 0 ? [`volumes of the image that the service does not name are on the data disk, and last as long as the container: ${names(own)}`] : []),
    ...(left.length > 0 ? [`left out of the root: ${names(left)}`] : []),
  ];
}

function names(all: readonly string[]): string {
  return all.length > NAMES_MAX ? `${all.slice(0, NAMES_MAX).join(', ')} and ${all.length - NAMES_MAX} more` : all.join(', ');
}

/** The image among the sources of a manifest. */
export function imageSource({ name, digest, origin }: ImageReceipt): ManifestSource {
  const [repository = name, tag] = name.split(/:(?=[^/]*$)/);
  const from = 'registry' in origin ? `${origin.registry}/${origin.repository}` : 'layout' in origin ? `oci:${origin.layout}` : `archive:${origin.archive}`;
  const sha256 = digest.replace(/^sha256:/, '');
  return { name: repository.replace(/@.*$/, ''), version: tag && !name.includes('@') ? tag : sha256.slice(0, 12), origin: from, sha256 };
}
