import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fetchFile, requireStored, storePath, type Patience } from '../src/fetch.ts';
import type { SourceFile } from '../src/receipt.ts';
import { failure, fetchContext } from './fixtures/context.ts';
import { cutAfter, pinOf, serve, sha256, whole, type Handler, type Origin } from './fixtures/origin.ts';

const BYTES = randomBytes(200_000);
const PATIENCE: Patience = { stalled: 400, pause: 10 };

let cache: string;
let origin: Origin | undefined;

beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'sources-fetch-'));
  vi.stubEnv('CONTAINER_OS_CACHE', cache);
  for (const name of ['CONTAINER_OS_OFFLINE', 'CONTAINER_OS_MIRROR', 'http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY']) vi.stubEnv(name, '');
});

afterEach(async () => {
  await origin?.close();
  origin = undefined;
  vi.unstubAllEnvs();
  rmSync(cache, { recursive: true });
});

/** Fetches BYTES from a server that answers by `handler`. */
async function fetchFrom(handler: Handler, change: Partial<SourceFile> = {}, context = fetchContext()): Promise<string> {
  origin = await serve(handler);
  return fetchFile({ ...pinOf(BYTES, `${origin.url}/thing.tar.xz`), ...change }, { ...context, patience: PATIENCE });
}

/** Compared by checksum: toEqual takes half a second. */
const expectBytes = (path: string): void => expect(sha256(readFileSync(path))).toBe(sha256(BYTES));
const stored = (): string[] => readdirSync(join(cache, 'store/sha256')).filter((name) => !name.includes('.'));

it('brings a file into the store under its sha256, and asks for it once', async () => {
  const path = await fetchFrom(whole(BYTES));
  expect(path).toBe(storePath(pinOf(BYTES, '').sha256));
  expectBytes(path);
  await fetchFile(pinOf(BYTES, origin!.url), fetchContext());
  expect(origin!.requests).toEqual(['GET /thing.tar.xz']);
});

it('follows a redirect, as releases on GitHub need', async () => {
  const path = await fetchFrom((request, response, attempt) =>
    request.url === '/there' ? whole(BYTES)(request, response, attempt) : response.writeHead(302, { location: '/there' }).end(),
  );
  expectBytes(path);
});

it('sends the user and password of a URL to its own host, and shows them nowhere', async () => {
  const seen: (string | undefined)[] = [];
  origin = await serve((request, response) => {
    seen.push(request.headers.authorization);
    response.writeHead(403).end();
  });
  const error = await failure(fetchFile(pinOf(BYTES, origin.url.replace('//', '//user:p%40ss@')), fetchContext()));
  expect(seen).toEqual([`Basic ${Buffer.from('user:p@ss').toString('base64')}`]);
  expect(error).toMatchObject({ code: 'ACCESS_DENIED', message: `${origin.url}: status 403, expected 200` });
});

describe('wrong bytes', () => {
  it('are refused with both checksums, and not kept', async () => {
    const other = randomBytes(BYTES.length);
    const error = await failure(fetchFrom(whole(other)));
    expect(error.code).toBe('CHECKSUM_MISMATCH');
    expect(error.message).toContain(`expected sha256 ${pinOf(BYTES, '').sha256}, got ${pinOf(other, '').sha256} (200000 bytes)`);
    expect(error.hint).toContain('update-sources');
    expect(origin!.requests).toHaveLength(1);
    expect(readdirSync(join(cache, 'store/sha256'))).toEqual([]);
  });

  it('that never end are refused as soon as they are too many', async () => {
    const error = await failure(fetchFrom((_request, response) => void setInterval(() => response.write(BYTES), 1).unref()));
    expect(error).toMatchObject({ code: 'CHECKSUM_MISMATCH', message: expect.stringContaining('longer than the pinned 200000 bytes') as string });
  });

  it('in the store are fetched again', async () => {
    const path = await fetchFrom(whole(BYTES));
    writeFileSync(path, 'damaged');
    const context = fetchContext();
    await fetchFile(pinOf(BYTES, `${origin!.url}/x`), context);
    expectBytes(path);
    expect(context.lines).toContain(`warning: ${path} is damaged, fetching it again`);
  });
});

describe('a cut connection', () => {
  it('goes on at the byte where it was cut', async () => {
    const path = await fetchFrom((...call) => (call[2] === 1 ? cutAfter(BYTES, 120_000) : whole(BYTES))(...call));
    expectBytes(path);
    expect(origin!.requests).toEqual(['GET /thing.tar.xz', 'GET /thing.tar.xz bytes=120000-']);
  });

  it('starts over where the server knows no ranges', async () => {
    const path = await fetchFrom((request, response, attempt) => (attempt === 1 ? cutAfter(BYTES, 120_000)(request, response, 1) : response.end(BYTES)));
    expectBytes(path);
  });

  it('starts over when what was there is the beginning of something else', async () => {
    const other = randomBytes(BYTES.length);
    const path = await fetchFrom((...call) => (call[2] === 1 ? cutAfter(other, 120_000) : whole(BYTES))(...call));
    expectBytes(path);
    expect(origin!.requests).toHaveLength(3);
  });

  it('starts over when the server has less than is here', async () => {
    const pin = pinOf(BYTES, '');
    await failure(fetchFrom(cutAfter(BYTES, 120_000)));
    writeFileSync(`${storePath(pin.sha256)}.partial`, randomBytes(BYTES.length - 1));
    await origin!.close();
    const path = await fetchFrom((request, response, attempt) => (attempt === 1 ? response.writeHead(416).end() : whole(BYTES)(request, response, attempt)));
    expectBytes(path);
  });

  it('is tried again as long as each attempt brings something', async () => {
    const path = await fetchFrom((request, response) => {
      const start = Number(/(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
      const end = Math.min(start + 30_000, BYTES.length);
      response.writeHead(start ? 206 : 200, { 'content-length': BYTES.length - start, 'content-range': `bytes ${start}-${BYTES.length - 1}/${BYTES.length}` });
      response.write(BYTES.subarray(start, end), () => setTimeout(() => response.destroy(), 30));
    });
    expectBytes(path);
    expect(origin!.requests.length).toBe(7);
  });

  it('at the same byte each time is DOWNLOAD_TRUNCATED, and the next run goes on there', async () => {
    const noRanges = cutAfter(BYTES, 120_000);
    const error = await failure(fetchFrom(noRanges));
    expect(error).toMatchObject({ code: 'DOWNLOAD_TRUNCATED', hint: expect.stringContaining('continues where it stopped') as string });
    expect(stored()).toEqual([]);
    await origin!.close();
    await fetchFrom(whole(BYTES));
    expect(origin!.requests).toEqual(['GET /thing.tar.xz bytes=120000-']);
  });

  it('that looks complete is noticed by the pinned size', async () => {
    const error = await failure(fetchFrom((_request, response) => void response.end(BYTES.subarray(0, 1000))));
    expect(error).toMatchObject({ code: 'DOWNLOAD_TRUNCATED', message: `${origin!.url}/thing.tar.xz: got 1000 bytes, expected 200000` });
  });
});

describe('a server', () => {
  it('that stops sending is NETWORK_STALLED', async () => {
    const error = await failure(
      fetchFrom((_request, response) => void response.writeHead(200, { 'content-length': BYTES.length }).write(BYTES.subarray(0, 1000))),
    );
    expect(error).toMatchObject({ code: 'NETWORK_STALLED', message: expect.stringContaining('stopped sending') as string });
  }, 20_000);

  it('that refuses connections is NETWORK_UNREACHABLE after four attempts', async () => {
    const gone = await serve(whole(BYTES));
    await gone.close();
    const context = fetchContext();
    const error = await failure(fetchFile(pinOf(BYTES, `${gone.url}/x`), { ...context, patience: PATIENCE }));
    expect(error).toMatchObject({ code: 'NETWORK_UNREACHABLE', message: expect.stringContaining('ECONNREFUSED') as string });
    expect(context.lines.filter((line) => line.endsWith('trying again'))).toHaveLength(3);
  });

  it('that is not known by name is NETWORK_UNREACHABLE', async () => {
    const error = await failure(fetchFile(pinOf(BYTES, 'http://no-such-host.invalid/x'), { ...fetchContext(), patience: PATIENCE }));
    expect(error).toMatchObject({ code: 'NETWORK_UNREACHABLE', message: expect.stringMatching(/no-such-host.invalid/) as string });
  });

  it('that is busy is asked again', async () => {
    const path = await fetchFrom((request, response, attempt) => (attempt < 3 ? response.writeHead(503).end() : whole(BYTES)(request, response, attempt)));
    expectBytes(path);
    expect(origin!.requests).toHaveLength(3);
  });

  it('that refuses is not asked again', async () => {
    expect((await failure(fetchFrom((_request, response) => void response.writeHead(403).end()))).code).toBe('ACCESS_DENIED');
    expect(origin!.requests).toHaveLength(1);
  });

  it('that no longer has the file is SOURCE_GONE, at once', async () => {
    const error = await failure(fetchFrom((_request, response) => void response.writeHead(404).end()));
    expect(error).toMatchObject({ code: 'SOURCE_GONE', message: `thing.tar.xz is not at ${origin!.url}/thing.tar.xz` });
    expect(origin!.requests).toHaveLength(1);
  });
});

describe('mirrors', () => {
  it('are asked first, in order, by sha256; the origin is the last', async () => {
    const empty = await serve((_request, response) => void response.writeHead(404).end());
    const wrong = await serve(whole(randomBytes(10)));
    vi.stubEnv('CONTAINER_OS_MIRROR', `${empty.url}/ ${wrong.url}`);
    const context = fetchContext();
    const path = await fetchFrom(whole(BYTES), {}, context);
    await Promise.all([empty.close(), wrong.close()]);
    expectBytes(path);
    expect(empty.requests).toEqual([`GET /${pinOf(BYTES, '').sha256}`]);
    expect(context.lines.find((line) => line.includes('trying the next origin'))).toContain(wrong.url);
  });

  it('that lacks a file does not make it gone when the origin cannot be reached', async () => {
    origin = await serve((_request, response) => void response.writeHead(404).end());
    vi.stubEnv('CONTAINER_OS_MIRROR', origin.url);
    const error = await failure(fetchFile(pinOf(BYTES, 'http://no-such-host.invalid/x'), { ...fetchContext(), patience: PATIENCE }));
    expect(error.code).toBe('NETWORK_UNREACHABLE');
  });
});

it('goes through the proxy of the environment, plainly for http: proxies for apt tunnel no port 80', async () => {
  origin = await serve((request, response, attempt) => whole(BYTES)(request, response, attempt));
  vi.stubEnv('http_proxy', origin.url);
  const path = await fetchFile(pinOf(BYTES, 'http://far.invalid/thing.tar.xz'), { ...fetchContext(), patience: PATIENCE });
  expectBytes(path);
  expect(origin.requests).toEqual(['GET http://far.invalid/thing.tar.xz']);
});

describe('offline', () => {
  it('takes what the store has and asks nobody', async () => {
    const path = await fetchFrom(whole(BYTES));
    vi.stubEnv('CONTAINER_OS_OFFLINE', '1');
    expect(await fetchFile(pinOf(BYTES, 'http://no-such-host.invalid/x'), fetchContext())).toBe(path);
  });

  it('names every file that the store lacks, and how to bring it there', async () => {
    vi.stubEnv('CONTAINER_OS_OFFLINE', '1');
    const files = [pinOf(BYTES, 'http://x.invalid', 'one'), pinOf(Buffer.from('2'), 'http://x.invalid', 'two')];
    const error = await failure(requireStored(files));
    expect(error.code).toBe('OFFLINE');
    for (const { name, sha256 } of files) expect(error.message).toContain(`\n  ${name} (sha256 ${sha256})`);
    expect(error.hint).toContain('copy each file there');
    expect((await failure(fetchFile(files[0]!, fetchContext()))).code).toBe('OFFLINE');
  });
});

it('an interrupted fetch throws the reason and keeps what came for the next run', async () => {
  const abort = new AbortController();
  const reason = new Error('interrupted');
  const slow: Handler = (_request, response) =>
    void response.writeHead(200, { 'content-length': BYTES.length }).write(BYTES.subarray(0, 50_000), () => setTimeout(() => abort.abort(reason), 100));
  await expect(fetchFrom(slow, {}, fetchContext(abort.signal))).rejects.toBe(reason);
  expect(stored()).toEqual([]);
  expect(existsSync(`${storePath(pinOf(BYTES, '').sha256)}.lock`)).toBe(false);
  await origin!.close();
  await fetchFrom(whole(BYTES));
  expect(origin!.requests).toEqual(['GET /thing.tar.xz bytes=50000-']);
});
