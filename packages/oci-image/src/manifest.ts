import { BuildError, parseJson } from '@container-os/core';
import { formatPlatform, matches, type Platform } from './platform.ts';
import type { ImageConfig } from './receipt.ts';
import { hexOf } from './reference.ts';

/** What names a blob. Source: image-spec 1.1, descriptor.md. */
export interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
  platform?: Platform;
  annotations?: Record<string, string>;
}

export interface Index {
  kind: 'index';
  manifests: Descriptor[];
}

export interface Manifest {
  kind: 'manifest';
  config: Descriptor;
  layers: Descriptor[];
}

/** An image's configuration, as far as a container needs it. Source: image-spec 1.1, config.md. */
export interface Configuration extends Platform {
  config: ImageConfig;
  diffIds: string[];
}

const INDEX = ['application/vnd.oci.image.index.v1+json', 'application/vnd.docker.distribution.manifest.list.v2+json'];
const MANIFEST = ['application/vnd.oci.image.manifest.v1+json', 'application/vnd.docker.distribution.manifest.v2+json'];
const CONFIG = ['application/vnd.oci.image.config.v1+json', 'application/vnd.docker.container.image.v1+json'];
const LAYER = /^application\/vnd\.(oci\.image\.layer\.v1\.tar(\+gzip|\+zstd)?|docker\.image\.rootfs\.diff\.tar(\.gzip|\.zstd)?)$/;
/** Layers that must not be handed on: they are named by URLs, which are never followed. */
const FOREIGN = /^application\/vnd\.(oci\.image\.layer\.nondistributable\.v1\.tar|docker\.image\.rootfs\.foreign\.diff\.tar)/;
/** Docker's manifests until 2017. */
const SCHEMA1 = /^application\/vnd\.docker\.distribution\.manifest\.v1\+/;

/** What a registry is asked for. */
export const ACCEPTED = [...INDEX, ...MANIFEST].join(', ');

/** Bytes: registries take no larger manifest. Source: distribution-spec 1.1, Pushing Manifests. */
export const LONGEST_MANIFEST = 4 << 20;

/**
 * A manifest or an index. `place` names it in messages; `mediaType` is what named it says that it is.
 *
 * @throws BuildError MANIFEST_INVALID, MANIFEST_SCHEMA1, LAYER_FOREIGN, NOT_AN_IMAGE, DIGEST_INVALID
 */
export function parseManifest(bytes: Uint8Array, place: string, mediaType?: string): Index | Manifest {
  const value = parseObject(bytes, place);
  const said = value['mediaType'] ?? mediaType;
  if (value['schemaVersion'] === 1 || SCHEMA1.test(String(said)))
    throw new BuildError('MANIFEST_SCHEMA1', `${place}: a manifest of Docker's schema 1, which names no configuration`, {
      hint: 'Push the image again with a Docker of 2017 or later, or copy it with skopeo copy.',
    });
  const isIndex = Array.isArray(value['manifests']);
  const isManifest = Array.isArray(value['layers']);
  // The same bytes could mean one thing to us and another to the next reader (CVE-2021-41190).
  if (isIndex === isManifest) throw invalid(place, isIndex ? 'it has both manifests and layers' : 'it has neither manifests nor layers');
  if (said !== undefined && !(isIndex ? INDEX : MANIFEST).includes(said as string))
    throw new BuildError('NOT_AN_IMAGE', `${place}: media type ${JSON.stringify(said)}, expected ${(isIndex ? INDEX : MANIFEST).join(' or ')}`, {
      hint: IMAGE_HINT,
    });
  if (isIndex) return { kind: 'index', manifests: (value['manifests'] as unknown[]).map((entry) => descriptor(entry, place)) };
  const config = descriptor(value['config'], place);
  if (!CONFIG.includes(config.mediaType))
    throw new BuildError('NOT_AN_IMAGE', `${place}: its configuration is of type ${JSON.stringify(config.mediaType)}, expected ${CONFIG.join(' or ')}`, {
      hint: IMAGE_HINT,
    });
  const layers = (value['layers'] as unknown[]).map((entry) => layerDescriptor(entry, place));
  return { kind: 'manifest', config, layers };
}

const IMAGE_HINT = 'Registries hold other things than images, too. Name an image that a container can run.';

function layerDescriptor(value: unknown, place: string): Descriptor {
  const layer = descriptor(value, place);
  if (FOREIGN.test(layer.mediaType))
    throw new BuildError('LAYER_FOREIGN', `${place}: layer ${layer.digest} is of type ${layer.mediaType}, whose bytes no registry may hand on`, {
      hint: 'Such layers are of Windows. Name an image for Linux.',
    });
  if (!LAYER.test(layer.mediaType))
    throw new BuildError('NOT_AN_IMAGE', `${place}: layer ${layer.digest} is of type ${JSON.stringify(layer.mediaType)}, expected a tar, plain, gzip or zstd`, {
      hint: IMAGE_HINT,
    });
  return layer;
}

/**
 * The manifest of an index for `wanted`: the first that matches, or the only one where none says for what it is.
 *
 * @throws BuildError PLATFORM_MISSING
 */
export function selectManifest({ manifests }: Index, wanted: string, place: string): Descriptor {
  const found =
    manifests.find(({ platform }) => platform && matches(platform, wanted)) ?? (manifests.length === 1 && !manifests[0]?.platform ? manifests[0] : undefined);
  if (found) return found;
  const others = manifests.flatMap(({ platform }) => (platform?.os && platform.os !== 'unknown' ? [formatPlatform(platform)] : []));
  throw new BuildError('PLATFORM_MISSING', `${place}: nothing for ${wanted}, only for ${[...new Set(others)].join(', ') || 'no platform'}`, {
    hint: 'Name an image, or a tag of it, that is built for the architecture of the OS (x-os).',
  });
}

/** @throws BuildError CONFIG_INVALID, PLATFORM_MISSING */
export function parseConfiguration(bytes: Uint8Array, { layers }: { layers: readonly unknown[] }, wanted: string, place: string): Configuration {
  const value = parseObject(bytes, place);
  const { os, architecture, variant, config, rootfs } = value as Platform & { config?: ImageConfig | null; rootfs?: { diff_ids?: unknown } };
  const diffIds = rootfs?.diff_ids ?? [];
  if (!Array.isArray(diffIds)) throw invalidConfig(place, 'rootfs.diff_ids is no list');
  if (diffIds.length !== layers.length) throw invalidConfig(place, `it has ${diffIds.length} diff_ids, and the manifest ${layers.length} layers`);
  for (const diffId of diffIds) hexOf(String(diffId), place);
  if (!matches({ ...(os ? { os } : {}), ...(architecture ? { architecture } : {}), ...(variant ? { variant } : {}) }, wanted))
    throw new BuildError('PLATFORM_MISSING', `${place}: the image is for ${formatPlatform(value as Platform)}, expected ${wanted}`, {
      hint: 'Name an image, or a tag of it, that is built for the architecture of the OS (x-os).',
    });
  return { ...(value as Platform), config: config ?? {}, diffIds: diffIds as string[] };
}

function descriptor(value: unknown, place: string): Descriptor {
  const { mediaType, digest, size } = (value ?? {}) as Partial<Descriptor>;
  if (typeof mediaType !== 'string') throw invalid(place, `a descriptor has mediaType ${JSON.stringify(mediaType)}, expected a text`);
  hexOf(String(digest), place);
  if (!Number.isSafeInteger(size) || (size as number) < 0) throw invalid(place, `${digest} has size ${JSON.stringify(size)}, expected a number of bytes`);
  return value as Descriptor;
}

function parseObject(bytes: Uint8Array, place: string): Record<string, unknown> {
  const value = parseJson(place, Buffer.from(bytes).toString('utf8'), 'MANIFEST_INVALID', INVALID_HINT);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(place, 'not a JSON object');
  return value as Record<string, unknown>;
}

const INVALID_HINT = 'The image is damaged: have it built and pushed again.';

function invalid(place: string, what: string): BuildError {
  return new BuildError('MANIFEST_INVALID', `${place}: ${what}`, { hint: INVALID_HINT });
}

function invalidConfig(place: string, what: string): BuildError {
  return new BuildError('CONFIG_INVALID', `${place}: ${what}`, { hint: INVALID_HINT });
}
