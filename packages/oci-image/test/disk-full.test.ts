import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { obtainLayer } from '../src/obtain-layer.ts';
import { resolveImage } from '../src/pull.ts';
import { failure } from '@container-os/sources/testing';
import { useBench } from './fixtures/context.ts';
import { digestOf, imageOf, tarOf } from './fixtures/image.ts';

const small = mkdtempSync(join(tmpdir(), 'oci-image-disk-'));
/** A file system of one megabyte needs the right to mount. */
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'none', small]).status === 0;

const bench = useBench();

afterAll(() => {
  if (mounted) execFileSync('umount', [small]);
  rmSync(small, { recursive: true });
});

async function layers(): Promise<string[]> {
  const receipt = await resolveImage(`${bench.registry.host}/web:1`, bench.options(), bench.context);
  const paths: string[] = [];
  for (const layer of receipt.layers) paths.push(await obtainLayer(layer, receipt.origin, bench.context));
  return paths.map((path) => digestOf(readFileSync(path)));
}

const stored = (): string[] => readdirSync(join(small, 'store/sha256'));

describe.skipIf(!mounted)('on a file system of one megabyte', () => {
  beforeEach(() => {
    for (const name of readdirSync(small)) rmSync(join(small, name), { recursive: true });
    execFileSync('mount', ['-o', 'remount,size=1m', small]);
    vi.stubEnv('CONTAINER_OS_CACHE', small);
  });

  it('a blob that does not fit is DISK_FULL, and goes on where it stopped once there is space', async () => {
    const image = imageOf({ tars: [tarOf('random', randomBytes(2_000_000))] });
    bench.registry.push('web', '1', image);
    expect(await failure(layers())).toMatchObject({ code: 'DISK_FULL', message: `no space left on the device: ${join(small, 'store/sha256')}` });
    expect(stored()).not.toContain(image.layers[0]!.digest.slice(7));
    execFileSync('mount', ['-o', 'remount,size=8m', small]);
    expect(await layers()).toEqual([image.layers[0]!.diffId]);
    expect(bench.registry.got.registry.at(-1)?.range).toMatch(/^bytes=\d{5,7}-$/);
  });

  it.each([
    ['gzip', {}],
    ['zstd', { compress: (tar: Buffer) => execFileSync('zstd', ['-q', '-c'], { input: tar }) }],
  ])('a layer of %s that does not fit unpacked is DISK_FULL, and nothing of it is left', async (_, parts) => {
    const image = imageOf({ tars: [tarOf('zeros', Buffer.alloc(4_000_000))], ...parts });
    bench.registry.push('web', '1', image);
    expect(await failure(layers())).toMatchObject({ code: 'DISK_FULL' });
    expect(stored().filter((name) => name.startsWith(image.layers[0]!.diffId.slice(7)))).toEqual([]);
    execFileSync('mount', ['-o', 'remount,size=8m', small]);
    expect(await layers()).toEqual([image.layers[0]!.diffId]);
  });
});

it('what a killed run left of a layer does no harm', async () => {
  const image = imageOf();
  bench.registry.push('web', '1', image);
  const store = join(bench.directory, 'cache/store/sha256');
  mkdirSync(store, { recursive: true });
  writeFileSync(join(store, `${image.layers[0]!.diffId.slice(7)}.partial`), 'other bytes, and more of them than the layer has'.repeat(1000));
  expect(await layers()).toEqual([image.layers[0]!.diffId]);
});
