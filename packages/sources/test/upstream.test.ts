import { readManifest } from '@container-os/core';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { readReceipt, unpackTree } from '../src/index.ts';
import { obtain } from '../src/obtain.ts';
import { readLock, type Lock } from '../src/lock.ts';
import type { Channel } from '../src/receipt.ts';
import sources from '../src/sources/executor.ts';
import updateSources from '../src/update-sources/executor.ts';
import { fetchContext } from './fixtures/context.ts';
import { pinOf, serve, type Origin } from './fixtures/origin.ts';
import { nxContext, writeLockFile } from './fixtures/workspace.ts';

const pinned = (channel: Channel): Promise<Lock> => readLock(join(import.meta.dirname, `../../image/bases/vm/sources/${channel}.lock.json`), channel);
const PINNED = await pinned('upstream');

let root: string;
let mirror: Origin;
let lock: Lock;
let printed: string;
const served = new Map<string, Buffer>();

// The channel as it is, with small archives and programs of the same names and formats in place of the real
// ones, on a mirror in place of the origins.
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'sources-upstream-'));
  served.clear();
  lock = lockOf(PINNED);
  writeLockFile(root, lock);
  mirror = await serve((request, response) => {
    const content = served.get(request.url ?? '');
    response.writeHead(content ? 200 : 404).end(content);
  });
  vi.stubEnv('CONTAINER_OS_CACHE', join(root, 'cache'));
  vi.stubEnv('CONTAINER_OS_MIRROR', mirror.url);
  printed = '';
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'write').mockImplementation((text) => ((printed += String(text)), true));
});

afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await mirror.close();
  rmSync(root, { recursive: true });
});

/** The same pins, each of a stand-in that the mirror serves. */
function lockOf({ channel, sources: pins }: Lock): Lock {
  const stored = ([name, pin]: [string, Lock['sources'][string]]) => {
    const files = pin.files.map((file) => {
      const content = standIn(file.name);
      const { sha256 } = pinOf(content, '');
      served.set(`/${sha256}`, content);
      return { ...file, sha256 };
    });
    return [name, { ...pin, files }] as const;
  };
  return { channel, sources: Object.fromEntries(Object.entries(pins).map(stored)) };
}

/** A small file of the same format. */
function standIn(name: string): Buffer {
  if (!/\.(tar\.\w+|tgz)$/.test(name)) return Buffer.from(`#!/bin/sh\necho ${name}\n`);
  const top = name.replace(/\.(tar\.\w+|tgz)$/, '');
  mkdirSync(join(root, top), { recursive: true });
  writeFileSync(join(root, top, 'Makefile'), `# ${top}\n`);
  execFileSync('tar', ['--create', '--auto-compress', `--file=${join(root, name)}`, `--directory=${root}`, top]);
  return readFileSync(join(root, name));
}

const fetchAll = () => sources({ channel: 'upstream', frozen: false }, nxContext(root, 'sources'));
const artifact = (): string => join(root, 'dist/os-images/demo/sources');

it('the whole channel comes from a mirror, verified, with a receipt for each source', async () => {
  expect(await fetchAll()).toEqual({ success: true });
  const names = Object.keys(PINNED.sources);
  expect(readdirSync(artifact()).sort()).toEqual([...names.map((name) => `${name}.json`), 'manifest.json'].sort());
  for (const name of names) {
    const receipt = await readReceipt(artifact(), name);
    expect(receipt).toEqual({ name, channel: 'upstream', ...lock.sources[name] });
    for (const file of await obtain(receipt, fetchContext())) expect(readFileSync(file.path)).toEqual(served.get(`/${file.sha256}`));
  }
  for (const name of ['linux', 'busybox']) {
    const tree = await unpackTree(await readReceipt(artifact(), name), fetchContext());
    expect(readFileSync(join(tree, 'Makefile'), 'utf8')).toBe(`# ${name}-${PINNED.sources[name]?.version}\n`);
  }
  expect(mirror.requests).toHaveLength(names.length);
  expect((await readManifest(artifact())).sources.map(({ name, version }) => `${name} ${version}`)).toContain(`runc ${PINNED.sources['runc']?.version}`);
});

it('the same lock gives the same receipts, fetched or stored', async () => {
  const read = (): string[] =>
    readdirSync(artifact())
      .sort()
      .map((name) => readFileSync(join(artifact(), name), 'utf8'));
  await fetchAll();
  const first = read();
  await fetchAll();
  expect(read()).toEqual(first);
  expect(mirror.requests).toHaveLength(Object.keys(PINNED.sources).length);
});

it('offline names all that is missing, and works with what is there', async () => {
  vi.stubEnv('CONTAINER_OS_OFFLINE', '1');
  expect(await fetchAll()).toEqual({ success: false });
  expect(printed).toContain('OFFLINE: CONTAINER_OS_OFFLINE is 1');
  for (const { files } of Object.values(lock.sources)) for (const { name } of files) expect(printed).toContain(name);
  vi.stubEnv('CONTAINER_OS_OFFLINE', '');
  await fetchAll();
  vi.stubEnv('CONTAINER_OS_OFFLINE', '1');
  expect(await fetchAll()).toEqual({ success: true });
});

it('one wrong source fails the target, and the receipts of the last good run stay', async () => {
  await fetchAll();
  const before = readFileSync(join(artifact(), 'runc.json'), 'utf8');
  const pin = lock.sources['runc']!.files[0]!;
  pin.sha256 = '0'.repeat(64);
  served.set(`/${pin.sha256}`, Buffer.from('anything'));
  pin.origin = `${mirror.url}/${pin.sha256}`;
  writeLockFile(root, lock);
  expect(await fetchAll()).toEqual({ success: false });
  expect(printed).toContain(`CHECKSUM_MISMATCH: ${mirror.url}/${pin.sha256}: expected sha256 ${pin.sha256}`);
  expect(readFileSync(join(artifact(), 'runc.json'), 'utf8')).toBe(before);
});

it('a source that upstream no longer has is not replaced by anything', async () => {
  served.clear();
  for (const { files } of Object.values(lock.sources)) for (const file of files) file.origin = `${mirror.url}/${file.name}`;
  writeLockFile(root, lock);
  expect(await fetchAll()).toEqual({ success: false });
  expect(printed).toContain('SOURCE_GONE: linux-');
  expect(existsSync(artifact())).toBe(false);
});

it('update-sources fetches every pin again, and says that the lock is up to date', async () => {
  await fetchAll();
  const file = writeLockFile(root, lock);
  const before = readFileSync(file, 'utf8');
  expect(await updateSources({ channel: 'upstream' }, nxContext(root, 'update-sources'))).toEqual({ success: true });
  expect(printed).toContain('up to date\n');
  expect(mirror.requests).toHaveLength(2 * Object.keys(PINNED.sources).length);
  expect(readFileSync(file, 'utf8')).toBe(before);
});

it('update-sources fails when a pin no longer stands', async () => {
  await fetchAll();
  const { sha256 } = lock.sources['tini']!.files[0]!;
  served.set(`/${sha256}`, Buffer.from('other bytes'));
  lock.sources['tini']!.files[0]!.origin = `${mirror.url}/${sha256}`;
  writeLockFile(root, lock);
  expect(await updateSources({ channel: 'upstream' }, nxContext(root, 'update-sources'))).toEqual({ success: false });
  expect(printed).toContain('CHECKSUM_MISMATCH');
});

it.each<[Channel, string, string]>([
  ['seed', '6.6.152', 'linux-6.6.152'],
  ['seed-6.6.0', '6.6.0', 'linux-6.6'],
])('channel %s is that of the versions that the project grew from', async (channel, linux, top) => {
  const seed = await pinned(channel);
  expect(Object.entries(seed.sources).map(([name, { version }]) => `${name} ${version}`)).toEqual(
    expect.arrayContaining([`linux ${linux}`, 'busybox 1.36.1', 'runc 1.1.12']),
  );
  writeLockFile(root, lockOf(seed));
  expect(await sources({ channel, frozen: false }, nxContext(root, 'sources'))).toEqual({ success: true });
  expect(readdirSync(artifact()).sort()).toEqual([...Object.keys(seed.sources).map((name) => `${name}.json`), 'manifest.json'].sort());
  const receipt = await readReceipt(artifact(), 'linux');
  expect(receipt).toMatchObject({ channel, version: linux });
  expect(readFileSync(join(await unpackTree(receipt, fetchContext()), 'Makefile'), 'utf8')).toBe(`# ${top}\n`);
});

it('both channels of the seed differ in Linux alone', async () => {
  const [seed, first] = [await pinned('seed'), await pinned('seed-6.6.0')];
  expect({ ...first.sources, linux: undefined }).toEqual({ ...seed.sources, linux: undefined });
});
