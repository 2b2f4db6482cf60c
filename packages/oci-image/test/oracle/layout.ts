import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { execFileSync } from 'node:child_process';
import { archive, type Member } from '../archive.ts';

interface Blob {
  mediaType: string;
  digest: string;
  size: number;
}

/** Writes an image of plain layers as an OCI layout with the tag `case`. */
export function writeLayout(directory: string, layers: readonly (readonly Member[])[]): void {
  mkdirSync(join(directory, 'blobs/sha256'), { recursive: true });
  const blob = (mediaType: string, bytes: Buffer): Blob => {
    const hex = createHash('sha256').update(bytes).digest('hex');
    writeFileSync(join(directory, 'blobs/sha256', hex), bytes);
    return { mediaType: `application/vnd.oci.image.${mediaType}`, digest: `sha256:${hex}`, size: bytes.length };
  };
  const json = (mediaType: string, content: object): Blob => blob(mediaType, Buffer.from(JSON.stringify(content)));
  const tars = layers.map((members) => blob('layer.v1.tar', archive(members)));
  const rootfs = { type: 'layers', diff_ids: tars.map(({ digest }) => digest) };
  const config = json('config.v1+json', { architecture: 'amd64', os: 'linux', rootfs, config: {} });
  const manifest = json('manifest.v1+json', { schemaVersion: 2, config, layers: tars });
  const annotations = { 'org.opencontainers.image.ref.name': 'case' };
  writeFileSync(join(directory, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [{ ...manifest, annotations }] }));
  writeFileSync(join(directory, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
}

/** The tags of a layout whose images have a configuration for Linux. */
export function tagsOf(layout: string): string[] {
  const { manifests } = JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8')) as { manifests: (Blob & { annotations?: Record<string, string> })[] };
  return manifests
    .flatMap(({ annotations, mediaType }) => (mediaType.includes('manifest') ? [annotations?.['org.opencontainers.image.ref.name'] ?? []] : []))
    .flat();
}

/** The uncompressed layers of an image, written to `directory`. */
export function layersOf(layout: string, tag: string, directory: string): { path: string; diffId: string }[] {
  const read = (digest: string): Buffer => readFileSync(join(layout, 'blobs', digest.replace(':', '/')));
  const { manifests } = JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8')) as { manifests: (Blob & { annotations?: Record<string, string> })[] };
  const found = manifests.find(({ annotations }) => annotations?.['org.opencontainers.image.ref.name'] === tag);
  const { layers } = JSON.parse(read(found?.digest ?? '').toString()) as { layers: Blob[] };
  return layers.map(({ digest, mediaType }, index) => {
    const path = join(directory, `${index}.tar`);
    const bytes = read(digest);
    writeFileSync(
      path,
      mediaType.endsWith('gzip') ? gunzipSync(bytes) : mediaType.endsWith('zstd') ? execFileSync('zstd', ['-d'], { input: bytes, maxBuffer: 2 ** 31 }) : bytes,
    );
    return { path, diffId: digest };
  });
}
