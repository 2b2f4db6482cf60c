import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { LIMITS, obtainLayer } from '../src/obtain-layer.ts';
import { useBench } from './fixtures/context.ts';
import { usePulling, zstd } from './fixtures/pulling.ts';
import { failure } from '@container-os/sources/testing';
import { blobOf, digestOf, imageOf, tarOf, type ImageParts, type TestImage } from './fixtures/image.ts';

const bench = useBench();
const { pull, named, stored, push, layersOf } = usePulling(bench);

describe('what is no image is refused by name', () => {
  it.each<[string, ImageParts, string]>([
    ['a foreign layer', { layerType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip' }, 'LAYER_FOREIGN'],
    ['a layer that must not be handed on', { layerType: 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip' }, 'LAYER_FOREIGN'],
    ['a chart', { change: (manifest) => (manifest.config.mediaType = 'application/vnd.cncf.helm.config.v1+json') }, 'NOT_AN_IMAGE'],
    ['an encrypted layer', { layerType: 'application/vnd.oci.image.layer.v1.tar+gzip+encrypted' }, 'NOT_AN_IMAGE'],
    ['fewer diff ids than layers', { configuration: { rootfs: { type: 'layers', diff_ids: [] } } }, 'CONFIG_INVALID'],
    ['a digest of another algorithm', { change: ({ layers }) => (layers[0]!.digest = 'md5:00') }, 'DIGEST_INVALID'],
    ['a digest that is a path', { change: ({ layers }) => (layers[0]!.digest = 'sha256:../../../etc/passwd') }, 'DIGEST_INVALID'],
    ['a negative size', { change: ({ layers }) => (layers[0]!.size = -1) }, 'MANIFEST_INVALID'],
    ['a manifest that is an index, too', { change: (manifest) => Object.assign(manifest, { manifests: [] }) }, 'MANIFEST_INVALID'],
  ])('%s', async (_, parts, code) => {
    push(parts);
    expect((await failure(pull(named()))).code).toBe(code);
  });

  it('a manifest of schema 1', async () => {
    bench.registry.push('team/web', '1', blobOf({ schemaVersion: 1, name: 'web', fsLayers: [] }));
    expect(await failure(pull(named()))).toMatchObject({ code: 'MANIFEST_SCHEMA1', hint: expect.stringContaining('skopeo copy') as string });
  });

  it('never follows the urls of a layer', async () => {
    push({ change: ({ layers }) => Object.assign(layers[0]!, { urls: [`${bench.registry.tokenService}/elsewhere`] }) });
    bench.registry.blobs.clear();
    await failure(layersOf());
    expect(bench.registry.got.tokens).toEqual([]);
  });
});

describe('wrong, each alone, with nothing half-written and the next run right:', () => {
  const other = tarOf('other', Buffer.from('other'));
  const wrong = `sha256:${'2'.repeat(64)}`;
  it.each<[string, (image: TestImage) => void, ImageParts, string]>([
    ['the bytes of a manifest', ({ manifest }) => bench.registry.manifests.set(`team/web/${manifest.digest}`, Buffer.from('{}')), {}, 'CHECKSUM_MISMATCH'],
    ['the bytes of a configuration', ({ config }) => bench.registry.blobs.set(config.digest, Buffer.alloc(config.bytes.length)), {}, 'CHECKSUM_MISMATCH'],
    ['the bytes of a layer', ({ layers: [one] }) => bench.registry.blobs.set(one!.digest, Buffer.alloc(one!.bytes.length)), {}, 'CHECKSUM_MISMATCH'],
    ['a layer that is longer', ({ layers: [one] }) => bench.registry.blobs.set(one!.digest, Buffer.concat([one!.bytes, other])), {}, 'CHECKSUM_MISMATCH'],
    ['a size that is too small', () => {}, { change: ({ layers }) => layers[0]!.size-- }, 'CHECKSUM_MISMATCH'],
    ['a size that is too large', () => {}, { change: ({ layers }) => layers[0]!.size++ }, 'SIZE_MISMATCH'],
    ['the size of a configuration', () => {}, { change: ({ config }) => config.size++ }, 'SIZE_MISMATCH'],
    ['a diff id', () => {}, { configuration: { rootfs: { type: 'layers', diff_ids: [wrong] } } }, 'DIFF_ID_MISMATCH'],
    ['gzip that is cut', () => {}, { compress: (tar) => execFileSync('gzip', ['-c'], { input: tar }).subarray(0, -9) }, 'LAYER_DAMAGED'],
    [
      'gzip with something behind',
      () => {},
      { compress: (tar) => Buffer.concat([execFileSync('gzip', ['-c'], { input: tar }), Buffer.from('tail')]) },
      'LAYER_DAMAGED',
    ],
    ['zstd that is cut', () => {}, { compress: (tar) => zstd(tar).subarray(0, -5) }, 'LAYER_DAMAGED'],
  ])('%s', async (_, damage, parts, code) => {
    const image = push(parts);
    // The tag is resolved before: it gives a manifest as it is.
    const reference = `${bench.registry.host}/team/web@${image.manifest.digest}`;
    damage(image);
    const error = await failure(layersOf(reference));
    expect(error.code).toBe(code);
    expect(error.hint).not.toBe('');
    expect(error.message).toMatch(/team\/web/);
    expect(stored().filter((name) => name.includes('.'))).toEqual([]);
    const right = imageOf();
    bench.registry.push('team/web', '1', right);
    bench.registry.push('team/web', 'right', image);
    expect((await layersOf()).map(digestOf)).toEqual(right.layers.map(({ diffId }) => diffId));
  });

  it('a size is noticed when the store has the bytes already', async () => {
    push();
    await layersOf();
    push({ change: ({ layers }) => layers[0]!.size++ }, '2');
    expect(existsSync(join(bench.directory, 'cache/store/sha256'))).toBe(true);
    const { layers, origin } = await pull(named('2'));
    // The tar is the same, and is verified by its diff id.
    expect(await obtainLayer(layers[0]!, origin, bench.context)).toContain(layers[0]!.diffId.slice(7));
  });

  it('a tar in the store that was damaged is made again', async () => {
    const { layers } = push();
    await layersOf();
    writeFileSync(join(bench.directory, 'cache/store/sha256', layers[0]!.diffId.slice(7)), 'damaged');
    expect((await layersOf()).map(digestOf)).toEqual([layers[0]!.diffId]);
  });
});

describe('a layer that grows too much', () => {
  it('is refused at the limit of bytes, and nothing is left', async () => {
    const { layers } = push({ tars: [tarOf('zeros', Buffer.alloc(1_000_000))] });
    const { layers: found, origin } = await pull(named());
    expect(await failure(obtainLayer(found[0]!, origin, bench.context, { ...LIMITS, bytes: 500_000 }))).toMatchObject({
      code: 'LAYER_TOO_LARGE',
      message: expect.stringContaining('more than the allowed 500000 bytes') as string,
    });
    expect(stored().some((name) => name.startsWith(layers[0]!.diffId.slice(7)))).toBe(false);
  });

  it('is refused by its ratio, from a size on', async () => {
    const { layers } = push({ tars: [tarOf('zeros', Buffer.alloc(2_000_000))] });
    const { layers: found, origin } = await pull(named());
    expect(await failure(obtainLayer(found[0]!, origin, bench.context, { ...LIMITS, ratioFrom: 1_000_000 }))).toMatchObject({
      code: 'LAYER_TOO_LARGE',
      message: expect.stringContaining(`more than 200 times its ${layers[0]!.bytes.length} bytes`) as string,
    });
    expect(await obtainLayer(found[0]!, origin, bench.context)).toContain(layers[0]!.diffId.slice(7));
    expect(stored().filter((name) => name.includes('.'))).toEqual([]);
  });
});
