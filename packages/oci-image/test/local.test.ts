import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { obtainLayer } from '../src/obtain-layer.ts';
import { resolveImage } from '../src/pull.ts';
import type { ImageReceipt } from '../src/receipt.ts';
import { failure } from '@container-os/sources/testing';
import { useBench } from './fixtures/context.ts';
import { descriptorOf, digestOf, imageOf, indexOf, MANIFEST_TYPE, tarOf, type TestImage } from './fixtures/image.ts';

const bench = useBench();

const TARS = [tarOf('a', Buffer.from('a')), tarOf('b', Buffer.from('b'))];
const pull = (reference: string): Promise<ImageReceipt> => resolveImage(reference, bench.options(), bench.context);

async function layersOf({ layers, origin }: ImageReceipt): Promise<string[]> {
  const paths: string[] = [];
  for (const layer of layers) paths.push(await obtainLayer(layer, origin, bench.context));
  return paths.map((path) => digestOf(readFileSync(path)));
}

function write(path: string, content: Uint8Array | string): void {
  mkdirSync(dirname(join(bench.directory, path)), { recursive: true });
  writeFileSync(join(bench.directory, path), content);
}

/** Writes an OCI layout of `images` by ref. */
function writeLayout(directory: string, images: Record<string, TestImage>): void {
  write(`${directory}/oci-layout`, '{"imageLayoutVersion":"1.0.0"}');
  const entries = Object.entries(images).map(([ref, { manifest }]) => ({
    ...descriptorOf(manifest, MANIFEST_TYPE),
    annotations: { 'org.opencontainers.image.ref.name': ref },
  }));
  write(`${directory}/index.json`, indexOf(entries).bytes);
  for (const { manifest, config, layers } of Object.values(images))
    for (const { digest, bytes } of [manifest, config, ...layers]) write(`${directory}/blobs/sha256/${digest.slice(7)}`, bytes);
}

function packArchive(directory: string, archive: string): void {
  execFileSync('tar', ['-cf', join(bench.directory, archive), '-C', join(bench.directory, directory), '.']);
}

describe('an OCI layout', () => {
  it('is read in place, by its only image or by a ref', async () => {
    const [web, db] = [imageOf({ tars: TARS }), imageOf({ config: { Cmd: ['/db'] } })];
    writeLayout('one', { web });
    writeLayout('two', { web, db });
    const receipt = await pull('oci:./one');
    expect(receipt).toMatchObject({ name: 'oci:./one', digest: web.manifest.digest, locked: true, origin: { layout: 'one' } });
    expect(await layersOf(receipt)).toEqual(TARS.map(digestOf));
    expect(await pull('oci:./two:db')).toMatchObject({ digest: db.manifest.digest, config: { Cmd: ['/db'] } });
    expect(await failure(pull('oci:./two'))).toMatchObject({ code: 'IMAGE_NOT_FOUND', hint: 'Name one after a colon. It has: web, db' });
    expect(await failure(pull('oci:./two:cache'))).toMatchObject({ code: 'IMAGE_NOT_FOUND' });
  });

  it('gives a layer from the store when it is gone', async () => {
    writeLayout('one', { web: imageOf({ tars: TARS }) });
    const receipt = await pull('oci:./one');
    await layersOf(receipt);
    rmSync(join(bench.directory, 'one'), { recursive: true });
    expect(await layersOf(receipt)).toEqual(TARS.map(digestOf));
  });

  it('whose blobs are missing or changed is refused, and right again afterwards', async () => {
    const web = imageOf({ tars: TARS });
    writeLayout('one', { web });
    const receipt = await pull('oci:./one');
    const path = `one/blobs/sha256/${web.layers[0]!.digest.slice(7)}`;
    write(path, Buffer.alloc(web.layers[0]!.bytes.length));
    expect(await failure(layersOf(receipt))).toMatchObject({ code: 'CHECKSUM_MISMATCH', message: expect.stringContaining(web.layers[0]!.digest) as string });
    write(path, '');
    expect(await failure(layersOf(receipt))).toMatchObject({ code: 'SIZE_MISMATCH' });
    rmSync(join(bench.directory, path));
    expect(await failure(layersOf(receipt))).toMatchObject({ code: 'BLOB_MISSING' });
    write(`one/blobs/sha256/${web.config.digest.slice(7)}`, '{}');
    expect(await failure(pull('oci:./one'))).toMatchObject({ code: 'CHECKSUM_MISMATCH' });
    writeLayout('one', { web });
    expect(await layersOf(await pull('oci:./one'))).toEqual(TARS.map(digestOf));
  });

  it('that is none is refused', async () => {
    expect(await failure(pull('oci:./nothing'))).toMatchObject({
      code: 'LAYOUT_INVALID',
      message: `${join(bench.directory, 'nothing')} is no OCI layout: it has no index.json`,
    });
  });
});

it('an oci-archive is a layout in a tar archive', async () => {
  const web = imageOf({ tars: TARS });
  writeLayout('layout', { web });
  packArchive('layout', 'web.tar');
  const receipt = await pull('oci-archive:./web.tar:web');
  expect(receipt).toMatchObject({ digest: web.manifest.digest, origin: { archive: 'web.tar' } });
  expect(await layersOf(receipt)).toEqual(TARS.map(digestOf));
});

describe('an archive of docker save', () => {
  /** As Docker until version 24 wrote it: a layer that an image has twice is a link. */
  function writeSaved(compress = (tar: Buffer): Buffer => tar): TestImage {
    const image = imageOf({ tars: [TARS[0]!, TARS[1]!, TARS[0]!], config: { User: 'web' } });
    const config = `${image.config.digest.slice(7)}.json`;
    write(`saved/${config}`, image.config.bytes);
    write('saved/1/layer.tar', compress(TARS[0]!));
    write('saved/2/layer.tar', compress(TARS[1]!));
    mkdirSync(join(bench.directory, 'saved/3'));
    symlinkSync('../1/layer.tar', join(bench.directory, 'saved/3/layer.tar'));
    write('saved/manifest.json', JSON.stringify([{ Config: config, RepoTags: ['web:1'], Layers: ['1/layer.tar', '2/layer.tar', '3/layer.tar'] }]));
    packArchive('saved', 'saved.tar');
    return image;
  }

  it('has no manifest: its digest is that of the configuration', async () => {
    const { config, layers } = writeSaved();
    const receipt = await pull('docker-archive:./saved.tar');
    expect(receipt).toMatchObject({ digest: config.digest, config: { User: 'web' }, origin: { archive: 'saved.tar' } });
    expect(receipt.layers.map(({ digest }) => digest)).toEqual(layers.map(({ diffId }) => diffId));
    expect(await layersOf(receipt)).toEqual(layers.map(({ diffId }) => diffId));
  });

  it('may have compressed layers', async () => {
    const { layers } = writeSaved((tar) => execFileSync('gzip', ['-c'], { input: tar }));
    const receipt = await pull('docker-archive:./saved.tar:docker.io/library/web:1');
    expect(receipt.layers[0]).toMatchObject({ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip' });
    expect(await layersOf(receipt)).toEqual(layers.map(({ diffId }) => diffId));
  });

  it('is refused when it is compressed as a whole, cut, or lacks what it names', async () => {
    writeSaved();
    expect(await failure(pull('docker-archive:./saved.tar:other'))).toMatchObject({ code: 'IMAGE_NOT_FOUND', hint: 'Name one after a colon. It has: web:1' });
    write('cut.tar', readFileSync(join(bench.directory, 'saved.tar')).subarray(0, 5000));
    expect(await failure(pull('docker-archive:./cut.tar'))).toMatchObject({ code: 'TAR_DAMAGED' });
    rmSync(join(bench.directory, 'saved/2'), { recursive: true });
    packArchive('saved', 'saved.tar');
    expect(await failure(pull('docker-archive:./saved.tar'))).toMatchObject({
      code: 'BLOB_MISSING',
      message: `${join(bench.directory, 'saved.tar')} has no 2/layer.tar`,
    });
    execFileSync('gzip', [join(bench.directory, 'saved.tar')]);
    expect(await failure(pull('docker-archive:./saved.tar.gz'))).toMatchObject({ code: 'ARCHIVE_COMPRESSED' });
    expect(await failure(pull('docker-archive:./saved.tar'))).toMatchObject({ code: 'ARCHIVE_MISSING' });
  });

  it('with a layer that was changed is refused by its diff id', async () => {
    writeSaved();
    const receipt = await pull('docker-archive:./saved.tar');
    write('saved/2/layer.tar', tarOf('b', Buffer.from('c')));
    packArchive('saved', 'saved.tar');
    expect(await failure(layersOf(receipt))).toMatchObject({ code: 'CHECKSUM_MISMATCH' });
  });
});
