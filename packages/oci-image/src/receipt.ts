import { parseJson, requireArtifact } from '@container-os/core';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Where an image's blobs are: a repository of a registry, or a local layout or archive by its path from the workspace's root. */
export type ImageOrigin = { registry: string; repository: string } | { layout: string } | { archive: string };

/** A layer as the manifest names it; `diffId` is the digest of its uncompressed tar. Digests are `sha256:<hex>`. */
export interface ImageLayer {
  mediaType: string;
  digest: string;
  /** Bytes of the blob. */
  size: number;
  diffId: string;
}

/**
 * How a container of an image runs, where nothing else is said. Durations are nanoseconds.
 *
 * Source: image-spec 1.1, config.md; `Healthcheck` and `Shell` are Docker's.
 */
export interface ImageConfig {
  User?: string;
  ExposedPorts?: Record<string, object>;
  Env?: string[];
  Entrypoint?: string[] | null;
  Cmd?: string[] | null;
  Volumes?: Record<string, object> | null;
  WorkingDir?: string;
  StopSignal?: string;
  Labels?: Record<string, string> | null;
  Healthcheck?: { Test?: string[]; Interval?: number; Timeout?: number; StartPeriod?: number; StartInterval?: number; Retries?: number };
  Shell?: string[];
}

/** What one image is, to the byte. Its JSON is what a bundle hashes. */
export interface ImageReceipt {
  /** As the Compose file has it: `nginx:1.27`. */
  reference: string;
  /** The whole name: `docker.io/library/nginx:1.27`. */
  name: string;
  /** Of the manifest for `platform`. */
  digest: string;
  /** Of the index that names that manifest. */
  index?: string;
  /** `linux/amd64` */
  platform: string;
  /** Whether the reference has a digest or the lock file has it. */
  locked: boolean;
  origin: ImageOrigin;
  config: ImageConfig;
  /** From the lowest. */
  layers: ImageLayer[];
}

/**
 * The receipt in `file`: `<service>.json` in the artifact of target `oci-images`.
 *
 * @throws BuildError ARTIFACT_MISSING, ARTIFACT_DAMAGED
 */
export async function readImageReceipt(file: string): Promise<ImageReceipt> {
  const text = await readFile(await requireArtifact(file), 'utf8');
  return parseJson(file, text, 'ARTIFACT_DAMAGED', `Remove ${dirname(file)} and run its target again.`) as ImageReceipt;
}

/** The one home of a receipt's form. */
export async function writeImageReceipt(file: string, receipt: ImageReceipt): Promise<void> {
  await writeFile(file, `${JSON.stringify(receipt, null, 2)}\n`);
}
