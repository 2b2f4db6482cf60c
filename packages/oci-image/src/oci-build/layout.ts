import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Content } from '../content.ts';
import type { ImageReceipt } from '../receipt.ts';
import { hexOf } from '../reference.ts';

const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';

/** Writes the image of a receipt as an OCI layout whose layers are links to where they lie. */
export async function linkLayout(
  directory: string,
  { digest, name, layers }: Pick<ImageReceipt, 'digest' | 'name' | 'layers'>,
  content: Content,
): Promise<void> {
  const blobs = join(directory, 'blobs/sha256');
  await mkdir(blobs, { recursive: true });
  const manifest = await content.document({ digest }, 'manifests');
  const { config } = JSON.parse(Buffer.from(manifest).toString()) as { config: { digest: string; size: number } };
  await writeFile(join(blobs, hexOf(digest, name)), manifest);
  await writeFile(join(blobs, hexOf(config.digest, name)), await content.document(config, 'blobs'));
  for (const layer of new Map(layers.map((one) => [one.digest, one])).values())
    await symlink((await content.blob(layer)).path, join(blobs, hexOf(layer.digest, name)));
  await writeIndex(directory, manifest);
}

/** Makes an OCI layout of what `dir:` of containers-transports(5) wrote: the same files under other names. */
export async function layoutOfDirectory(from: string, directory: string): Promise<void> {
  const blobs = join(directory, 'blobs/sha256');
  await mkdir(blobs, { recursive: true });
  const manifest = await readFile(join(from, 'manifest.json'));
  const { config, layers } = JSON.parse(manifest.toString()) as { config: { digest: string }; layers: { digest: string }[] };
  for (const digest of new Set([config, ...layers].map((one) => one.digest))) {
    const hex = hexOf(digest, from);
    await rename(join(from, hex), join(blobs, hex));
  }
  await writeFile(join(blobs, createHash('sha256').update(manifest).digest('hex')), manifest);
  await writeIndex(directory, manifest);
}

/** Source: image-spec 1.1, image-layout.md. */
async function writeIndex(directory: string, manifest: Uint8Array): Promise<void> {
  const { mediaType = OCI_MANIFEST } = JSON.parse(Buffer.from(manifest).toString()) as { mediaType?: string };
  const digest = `sha256:${createHash('sha256').update(manifest).digest('hex')}`;
  await writeFile(join(directory, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}\n');
  await writeFile(join(directory, 'index.json'), `${JSON.stringify({ schemaVersion: 2, manifests: [{ mediaType, digest, size: manifest.length }] })}\n`);
}
