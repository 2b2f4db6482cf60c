// An entry that is whole by its length and digest, and that Nx cannot use.
import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { encodeTrailer } from '../src/entry.ts';
import { createEntryCheck } from '../src/check-entry.ts';
import type { OpenEntry } from '../src/entries.ts';
import { verify } from '../src/house-keeping/verify.ts';
import { fileSystemStore } from '../src/stores/file-system.ts';
import { entryBody, tar } from './entry-body.ts';
import { streamOf } from './streams.ts';
import { ask, bytes, start, type Running } from './running.ts';

vi.setConfig({ testTimeout: 60_000 }); // a busy machine

let server: Running;
beforeAll(async () => {
  server = await start();
});
afterAll(() => server.close());

const PAGE = Buffer.from('<!doctype html><title>Sign in</title>');
const UNUSABLE: [string, Buffer<ArrayBuffer>, RegExp][] = [
  ['an empty body', Buffer.alloc(0), /is empty/],
  ['an HTML page', PAGE, /begins with "<!doctype html><"/],
  ['a truncated gzip', entryBody(bytes(100_000)).subarray(0, -500) as Buffer<ArrayBuffer>, /inside of its gzip stream: it is truncated/],
  ['gzip of a page', gzipSync(PAGE) as Buffer<ArrayBuffer>, /expands to 37 bytes, which hold no tar header/],
  ['gzip of something that is no tar', gzipSync(bytes(5000)) as Buffer<ArrayBuffer>, /gzip of something that is no tar/],
  ['gzip of a tar that is cut', gzipSync(tar(bytes(5000)).subarray(0, 2048)) as Buffer<ArrayBuffer>, /without the two empty blocks/],
];
const fileOf = (hash: string): string => join(server.directory, 'store/entries/trusted', hash.slice(0, 2), hash);

/** Puts an entry into the store as a server did that looked at lengths and digests only. */
function storeUnchecked(hash: string, body: Uint8Array): void {
  const sha256 = createHash('sha256').update(body).digest();
  mkdirSync(join(fileOf(hash), '..'), { recursive: true });
  writeFileSync(fileOf(hash), Buffer.concat([body, encodeTrailer({ sha256, signature: undefined })]));
}

test.each(UNUSABLE)('PUT of %s is refused with what it is, what is expected and what to do, and leaves nothing', async (_, body, problem) => {
  const put = await ask(server, 'PUT', '100', 'main', body);
  const text = await put.text();
  expect([put.status, put.headers.get('Cache-Status')]).toEqual([400, 'cache-server; detail=bad-body']);
  expect(text).toMatch(problem);
  expect(text).toMatch(/^bad-body: .*expected the gzip'd tar that Nx sends\. .*correct the address or the proxy/);
  expect((await ask(server, 'GET', '100', 'main')).status).toBe(404);
  expect(readdirSync(join(server.directory, 'store/incoming'))).toEqual([]);
});

test.each(UNUSABLE)('%s that was stored before is found by verify', async (_, body, problem) => {
  storeUnchecked('110', body);
  const { corrupt } = await verify(await fileSystemStore(join(server.directory, 'store')), false);
  expect(corrupt).toEqual([{ key: { namespace: 'trusted', hash: '110' }, reason: expect.stringMatching(problem), deleted: false }]);
  rmSync(fileOf('110'));
});

test.each([
  ...UNUSABLE.map(([name, body]) => [`it is ${name}`, (hash: string) => storeUnchecked(hash, body)] as const),
  ['a byte of it was changed', (hash: string) => writeFileSync(fileOf(hash), readFileSync(fileOf(hash)).fill('x', 70_000, 70_001))],
  ['it was truncated', (hash: string) => truncateSync(fileOf(hash), 50_000)],
  ['it was cut to nothing', (hash: string) => truncateSync(fileOf(hash), 0)],
  ['bytes were appended', (hash: string) => appendFileSync(fileOf(hash), 'x')],
  ['it is a directory', (hash: string) => replace(hash, (path) => mkdirSync(path))],
  ['it is a link', (hash: string) => replace(hash, (path) => symlinkSync('/etc/passwd', path))],
  ['it is a FIFO', (hash: string) => replace(hash, (path) => execFileSync('mkfifo', [path]))],
] as [string, (hash: string) => void][])('an entry is a miss, its writer hears 409, and the audit log tells, when %s', async (_, damage) => {
  const hash = String(Math.floor(Math.random() * 1e15));
  const body = entryBody(bytes(100_000));
  await ask(server, 'PUT', hash, 'main', body);
  expect((await ask(server, 'GET', hash, 'reader')).status).toBe(200);
  damage(hash);
  for (const method of ['GET', 'HEAD', 'GET']) {
    const got = await ask(server, method, hash, 'reader');
    expect([got.status, got.headers.get('Cache-Status')]).toEqual([404, 'cache-server; detail=corrupt']);
  }
  expect((await ask(server, 'PUT', hash, 'main', body)).status).toBe(409);
  await vi.waitFor(() => expect(server.audit().filter((line) => line['hash'] === hash && line['outcome'] === 'corrupt')).toHaveLength(3));
  rmSync(fileOf(hash), { recursive: true, force: true });
});

function replace(hash: string, make: (path: string) => void): void {
  rmSync(fileOf(hash));
  make(fileOf(hash));
}

test.each([
  ['on a disk, at all of it', true, Infinity],
  ['in an object store, at its start', false, 65_536],
])('an entry that is sent is looked at once for each version: %s', async (_, isLocal, expected) => {
  const body = entryBody(bytes(98_000));
  const sha256 = createHash('sha256').update(body).digest();
  const reads: number[] = [];
  const check = createEntryCheck();
  const entry = (version: string): OpenEntry => ({
    key: { namespace: 'trusted', hash: '1' },
    size: body.length,
    trailer: { sha256, signature: undefined },
    version,
    isLocal,
    read: (start, end) => {
      reads.push(end - start);
      return streamOf(body.subarray(start, end));
    },
    body: () => streamOf(body),
    close: async () => undefined,
  });
  for (const version of ['a', 'a', 'b', 'a']) expect(await check(entry(version))).toBeUndefined();
  expect(reads).toEqual(Array(2).fill(Math.min(expected, body.length)));
});
