import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fetchFile, storePath } from '../src/fetch.ts';
import { unpackTree } from '../src/unpack.ts';
import { failure, fetchContext } from './fixtures/context.ts';
import { pinOf, serve, sha256, whole, type Origin } from './fixtures/origin.ts';

const BYTES = randomBytes(2_000_000);
const directory = mkdtempSync(join(tmpdir(), 'sources-disk-'));
const small = join(directory, 'small');
mkdirSync(small);
/** A file system of one megabyte needs the right to mount. */
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'none', small]).status === 0;

let origin: Origin;

beforeEach(async () => {
  origin = await serve(whole(BYTES));
});

afterEach(async () => {
  await origin.close();
  vi.unstubAllEnvs();
});

afterAll(() => {
  if (mounted) execFileSync('umount', [small]);
  rmSync(directory, { recursive: true });
});

it('a write that finds no space is DISK_FULL and names the directory', async () => {
  vi.stubEnv('CONTAINER_OS_CACHE', directory);
  const pin = pinOf(BYTES, origin.url);
  mkdirSync(dirname(storePath(pin.sha256)), { recursive: true });
  symlinkSync('/dev/full', `${storePath(pin.sha256)}.partial`);
  const error = await failure(fetchFile(pin, fetchContext()));
  expect(error).toMatchObject({
    code: 'DISK_FULL',
    message: `no space left on the device: ${dirname(storePath(pin.sha256))}`,
    hint: expect.stringContaining(`in ${dirname(storePath(pin.sha256))}. Free more`) as string,
  });
  expect(existsSync(storePath(pin.sha256))).toBe(false);
  expect(origin.requests).toHaveLength(1);
});

describe.skipIf(!mounted)('on a file system of one megabyte', () => {
  beforeEach(() => {
    execFileSync('mount', ['-o', 'remount,size=1m', small]);
    vi.stubEnv('CONTAINER_OS_CACHE', small);
  });

  afterEach(() => {
    for (const name of readdirSync(small)) rmSync(join(small, name), { recursive: true });
  });

  it('a download that does not fit goes on where it stopped, once there is space', async () => {
    const pin = pinOf(BYTES, origin.url);
    expect((await failure(fetchFile(pin, fetchContext()))).code).toBe('DISK_FULL');
    expect(existsSync(storePath(pin.sha256))).toBe(false);
    execFileSync('mount', ['-o', 'remount,size=8m', small]);
    const path = await fetchFile(pin, fetchContext());
    expect(sha256(readFileSync(path))).toBe(pin.sha256);
    expect(origin.requests[1]).toMatch(/^GET \/ bytes=\d{5,7}-$/);
  });

  it('an archive that does not fit unpacked is DISK_FULL and leaves no half tree', async () => {
    mkdirSync(join(directory, 'thing-1'));
    writeFileSync(join(directory, 'thing-1/zeros'), Buffer.alloc(4_000_000));
    execFileSync('tar', ['-czf', join(directory, 'thing.tar.gz'), '-C', directory, 'thing-1']);
    const archive = readFileSync(join(directory, 'thing.tar.gz'));
    await origin.close();
    origin = await serve(whole(archive));
    const receipt = { name: 'thing', version: '1', licence: 'MIT', channel: 'upstream' as const, files: [pinOf(archive, origin.url, 'thing.tar.gz')] };
    const error = await failure(unpackTree(receipt, fetchContext()));
    expect(error).toMatchObject({ code: 'DISK_FULL', message: `no space left on the device: ${join(small, 'trees')}` });
    expect(readdirSync(join(small, 'trees'))).toEqual([]);
    execFileSync('mount', ['-o', 'remount,size=8m', small]);
    expect(readFileSync(join(await unpackTree(receipt, fetchContext()), 'zeros'))).toHaveLength(4_000_000);
  });
});
