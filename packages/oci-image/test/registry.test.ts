import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { describe, expect, it, vi } from 'vitest';
import { obtainLayer } from '../src/obtain-layer.ts';
import { resolveImage } from '../src/pull.ts';
import type { ImageReceipt } from '../src/receipt.ts';
import { failure, useBench } from './fixtures/context.ts';
import { blobOf, descriptorOf, digestOf, imageOf, indexOf, LAYER_TYPE, MANIFEST_TYPE, tarOf, type ImageParts, type TestImage } from './fixtures/image.ts';

const bench = useBench();

const zstd = (tar: Buffer): Buffer => execFileSync('zstd', ['-q', '-c'], { input: tar });
const pull = (reference: string, change = {}): Promise<ImageReceipt> => resolveImage(reference, bench.options(change), bench.context);
const named = (tag = '1'): string => `${bench.registry.host}/team/web:${tag}`;
const stored = (): string[] => readdirSync(join(bench.directory, 'cache/store/sha256'));

function push(parts: ImageParts = {}, tag = '1'): TestImage {
  const image = imageOf(parts);
  bench.registry.push('team/web', tag, image);
  return image;
}

async function layersOf(reference = named()): Promise<Buffer[]> {
  const { layers, origin } = await pull(reference);
  const paths: string[] = [];
  for (const layer of layers) paths.push(await obtainLayer(layer, origin, bench.context));
  return paths.map((path) => readFileSync(path));
}

it('resolves a tag, says its digest and how to lock it, and records all of it in the receipt', async () => {
  const { manifest, layers } = push({ config: { Cmd: ['/hello'], User: 'web' } });
  expect(await pull(named())).toEqual({
    reference: named(),
    name: named(),
    digest: manifest.digest,
    platform: 'linux/amd64',
    locked: false,
    origin: { registry: bench.registry.host, repository: 'team/web' },
    config: { Cmd: ['/hello'], User: 'web' },
    layers: layers.map(({ digest, bytes, diffId }) => ({ mediaType: LAYER_TYPE, digest, size: bytes.length, diffId })),
  });
  expect(bench.lines).toContain(`warning: ${named()} is not locked: its tag names ${manifest.digest} now. Lock it: npx nx run demo:update-sources`);
});

describe('a layer becomes an uncompressed tar in the store', () => {
  const tars = [tarOf('a', Buffer.alloc(100_000, 'a')), tarOf('b', Buffer.from('b'))];
  it.each([
    ['gzip', {}],
    ['zstd', { compress: zstd, layerType: 'application/vnd.oci.image.layer.v1.tar+zstd' }],
    ['plain', { compress: (tar: Buffer) => tar, layerType: 'application/vnd.oci.image.layer.v1.tar' }],
    ['zstd that says it is gzip', { compress: zstd, layerType: 'application/vnd.docker.image.rootfs.diff.tar.gzip' }],
  ])('of %s', async (_, parts) => {
    push({ tars, ...parts });
    expect((await layersOf()).map(digestOf)).toEqual(tars.map(digestOf));
    expect(stored().filter((name) => name.includes('.'))).toEqual([]);
  });

  it('once: the second time, nobody is asked', async () => {
    const { manifest } = push({ tars });
    await layersOf();
    const asked = bench.registry.got.registry.length;
    await layersOf(`${bench.registry.host}/team/web@${manifest.digest}`);
    expect(bench.registry.got.registry).toHaveLength(asked);
  });

  it('from the store alone, offline', async () => {
    const { manifest } = push({ tars });
    await layersOf();
    vi.stubEnv('CONTAINER_OS_OFFLINE', '1');
    expect(await layersOf(`${bench.registry.host}/team/web@${manifest.digest}`)).toHaveLength(2);
    expect(await failure(pull(named()))).toMatchObject({ code: 'OFFLINE', message: expect.stringContaining(`${named()} has to be asked for`) as string });
  });
});

it('a cut blob goes on where it stopped', async () => {
  const { layers } = push({ tars: [tarOf('a', Buffer.from(Array.from({ length: 200_000 }, (_, at) => (at * at) % 251)))] });
  const [layer] = layers;
  bench.registry.answer = (request, response, attempt) => {
    if (!request.url?.endsWith(layer!.digest) || attempt > 1) return false;
    response.writeHead(200, { 'content-length': layer!.bytes.length }).write(layer!.bytes.subarray(0, 1000), () => setTimeout(() => response.destroy(), 50));
    return true;
  };
  expect((await layersOf()).map(digestOf)).toEqual([layer!.diffId]);
  expect(bench.registry.got.registry.at(-1)).toMatchObject({ range: 'bytes=1000-' });
});

describe('an index', () => {
  const other = (architecture: string, variant?: string): TestImage => imageOf({ configuration: { architecture, ...(variant ? { variant } : {}) } });

  it('gives the image for the wanted platform, never the host’s', async () => {
    const images = [other('arm64'), other('amd64'), other('arm', 'v6'), other('arm', 'v7')] as const;
    const platforms = [{ architecture: 'arm64', variant: 'v8' }, { architecture: 'amd64' }, { architecture: 'arm', variant: 'v6' }, { architecture: 'arm', variant: 'v7' }];
    const index = indexOf(images.map(({ manifest }, at) => descriptorOf(manifest, MANIFEST_TYPE, { os: 'linux', ...platforms[at] })));
    bench.registry.push('team/web', '1', index, ...images);
    const digests = [];
    for (const platform of ['linux/arm64', 'linux/amd64', 'linux/arm/v6', 'linux/arm']) {
      const receipt = await pull(named(), { platform });
      expect(receipt).toMatchObject({ index: index.digest, platform });
      digests.push(receipt.digest);
    }
    expect(digests).toEqual(images.map(({ manifest }) => manifest.digest));
    expect(await failure(pull(named(), { platform: 'linux/riscv64' }))).toMatchObject({
      code: 'PLATFORM_MISSING',
      message: expect.stringContaining('nothing for linux/riscv64, only for linux/arm64/v8, linux/amd64, linux/arm/v6, linux/arm/v7') as string,
    });
  });

  it('may be in an index, but not for ever', async () => {
    const image = imageOf();
    let blob = image.manifest;
    for (let depth = 1; depth <= 4; depth++) {
      blob = indexOf([descriptorOf(blob, depth === 1 ? MANIFEST_TYPE : 'application/vnd.oci.image.index.v1+json', { os: 'linux', architecture: 'amd64' })]);
      bench.registry.push('team/web', String(depth), blob, image);
    }
    expect(await pull(named('3'))).toMatchObject({ digest: image.manifest.digest });
    expect(await failure(pull(named('4')))).toMatchObject({ code: 'INDEX_TOO_DEEP' });
  });

  it('that names itself is refused: no digest can be that of a text with itself', async () => {
    const digest = `sha256:${'1'.repeat(64)}`;
    const index = indexOf([{ mediaType: 'application/vnd.oci.image.index.v1+json', digest, size: 300, platform: { os: 'linux', architecture: 'amd64' } }]);
    bench.registry.push('team/web', '1', index);
    bench.registry.manifests.set(`team/web/${digest}`, index.bytes);
    expect((await failure(pull(named()))).code).toMatch(/^(CHECKSUM_MISMATCH|DOWNLOAD_TRUNCATED)$/);
  });

  it('an image for another platform is refused, without an index too', async () => {
    push({ configuration: { architecture: 'arm64' } });
    expect(await failure(pull(named()))).toMatchObject({ code: 'PLATFORM_MISSING', message: expect.stringContaining('is for linux/arm64, expected linux/amd64') as string });
  });
});

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
    ['gzip with something behind', () => {}, { compress: (tar) => Buffer.concat([execFileSync('gzip', ['-c'], { input: tar }), Buffer.from('tail')]) }, 'LAYER_DAMAGED'],
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
    expect(await failure(obtainLayer(found[0]!, origin, bench.context, 500_000))).toMatchObject({
      code: 'LAYER_TOO_LARGE',
      message: expect.stringContaining('more than the allowed 500000 bytes') as string,
    });
    expect(stored().some((name) => name.startsWith(layers[0]!.diffId.slice(7)))).toBe(false);
  });

  it('is refused by its ratio once 1 GB is written', async () => {
    const bomb = execFileSync('bash', ['-c', 'head -c 1100000000 /dev/zero | zstd -q -1 -c'], { maxBuffer: 1 << 27 });
    push({ compress: () => bomb });
    expect(await failure(layersOf())).toMatchObject({
      code: 'LAYER_TOO_LARGE',
      message: expect.stringContaining(`more than 200 times its ${bomb.length} bytes`) as string,
    });
    expect(stored().filter((name) => name.includes('.'))).toEqual([]);
  });
});

describe('a registry that answers', () => {
  const answering = (status: number, headers = {}): void => {
    bench.registry.answer = (_request, response) => (response.writeHead(status, headers).end(), true);
  };

  it.each([
    [403, 'ACCESS_DENIED', 1],
    [404, 'IMAGE_NOT_FOUND', 1],
    [418, 'HTTP_ERROR', 1],
    [500, 'SERVER_BUSY', 4],
    [429, 'SERVER_BUSY', 4],
  ])('%d is %s after %d requests', async (status, code, requests) => {
    answering(status);
    const error = await failure(pull(named()));
    expect(error.code).toBe(code);
    expect(error.message).toContain('team/web');
    expect(bench.registry.got.registry).toHaveLength(requests);
    bench.registry.answer = () => false;
    push();
    expect(await layersOf()).toHaveLength(1);
  });

  it('429 with Retry-After is waited for', async () => {
    push();
    bench.registry.answer = (_request, response, attempt) => attempt === 1 && (response.writeHead(429, { 'retry-after': '1' }).end(), true);
    const start = performance.now();
    await pull(named());
    expect(performance.now() - start).toBeGreaterThan(1000);
    expect(bench.lines.join()).toContain('status 429, expected 200; the server asks to wait 1 s; trying again');
  });

  it('429 with an hour to wait is not', async () => {
    answering(429, { 'retry-after': '3600' });
    expect(await failure(pull(named()))).toMatchObject({
      message: expect.stringContaining('asks to wait 3600 s') as string,
      hint: expect.stringContaining('CONTAINER_OS_REGISTRY_MIRROR') as string,
    });
    expect(bench.registry.got.registry).toHaveLength(1);
  });

  it('nothing is NETWORK_STALLED', async () => {
    bench.registry.answer = () => true;
    expect(await failure(pull(named()))).toMatchObject({ code: 'NETWORK_STALLED' });
  });

  it('a manifest without end is refused', async () => {
    bench.registry.answer = (_request, response) => {
      const more = setInterval(() => response.write(Buffer.alloc(1 << 20, ' ')), 1);
      response.once('close', () => clearInterval(more));
      return true;
    };
    expect(await failure(pull(named()))).toMatchObject({ code: 'ANSWER_TOO_LONG' });
    expect((await failure(pull(`${bench.registry.host}/team/web@sha256:${'3'.repeat(64)}`))).message).toContain('longer than the allowed');
  });
});

describe('a tag', () => {
  it('that moved keeps its locked digest', async () => {
    const { manifest } = push();
    push({ config: { Cmd: ['/new'] } });
    const lock = { [named()]: { digest: manifest.digest } };
    expect(await pull(named(), { lock, frozen: true })).toMatchObject({ digest: manifest.digest, locked: true, config: { Cmd: ['/hello'] } });
    expect(bench.lines.join()).not.toContain('warning');
  });

  it('that is not locked is refused when frozen, before any request', async () => {
    push();
    expect(await failure(pull(named(), { frozen: true }))).toMatchObject({
      code: 'IMAGE_NOT_LOCKED',
      message: `${named()} names a tag that images.lock.json does not have, and frozen is set`,
      hint: 'Lock it: npx nx run demo:update-sources',
    });
    expect(bench.registry.got.registry).toEqual([]);
  });
});
