// An OCI layout with one image, made of entries. Source: image-spec 1.1, image-layout.md.
import { bytesOf } from '@container-os/cpio';
import type { ImageConfig, ImageReceipt, RootEntry } from '@container-os/oci-image';
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeTar, TAR_END } from '../../oci-image/src/tar/write.ts';

interface Blob {
  mediaType: string;
  digest: string;
  size: number;
}

/** What the receipt of the image has, but for where the image is. */
export async function writeLayout(
  directory: string,
  config: ImageConfig,
  layers: readonly (readonly RootEntry[])[],
): Promise<Pick<ImageReceipt, 'digest' | 'config' | 'layers'>> {
  await mkdir(join(directory, 'blobs/sha256'), { recursive: true });
  const blob = async (mediaType: string, bytes: Uint8Array): Promise<Blob> => {
    const hex = createHash('sha256').update(bytes).digest('hex');
    await writeFile(join(directory, 'blobs/sha256', hex), bytes);
    return { mediaType, digest: `sha256:${hex}`, size: bytes.length };
  };
  const json = (mediaType: string, value: object): Promise<Blob> => blob(mediaType, Buffer.from(JSON.stringify(value)));
  const tars: Blob[] = [];
  for (const layer of layers) tars.push(await blob('application/vnd.oci.image.layer.v1.tar', Buffer.concat([...encodeTar(layer), TAR_END].map(bytesOf))));
  const manifest = await json('application/vnd.oci.image.manifest.v1+json', {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: await json('application/vnd.oci.image.config.v1+json', {
      architecture: 'amd64',
      os: 'linux',
      config,
      rootfs: { type: 'layers', diff_ids: tars.map(({ digest }) => digest) },
    }),
    layers: tars,
  });
  await writeFile(join(directory, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  await writeFile(join(directory, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [manifest] }));
  return { digest: manifest.digest, config, layers: tars.map((tar) => ({ ...tar, diffId: tar.digest })) };
}
