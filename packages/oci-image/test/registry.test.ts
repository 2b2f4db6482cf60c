import { describe, expect, it, vi } from 'vitest';
import { useBench } from './fixtures/context.ts';
import { usePulling, zstd } from './fixtures/pulling.ts';
import { failure } from '@container-os/sources/testing';
import { descriptorOf, digestOf, imageOf, indexOf, LAYER_TYPE, MANIFEST_TYPE, tarOf, type TestImage } from './fixtures/image.ts';

const bench = useBench();
const { pull, named, stored, push, layersOf } = usePulling(bench);

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
    const platforms = [
      { architecture: 'arm64', variant: 'v8' },
      { architecture: 'amd64' },
      { architecture: 'arm', variant: 'v6' },
      { architecture: 'arm', variant: 'v7' },
    ];
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
    expect(await failure(pull(named()))).toMatchObject({
      code: 'PLATFORM_MISSING',
      message: expect.stringContaining('is for linux/arm64, expected linux/amd64') as string,
    });
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
