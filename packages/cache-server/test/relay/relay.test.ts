import { createHash, generateKeyPairSync } from 'node:crypto';
import { Agent, createServer, get, request, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { afterEach, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/config.ts';
import { startRelay } from '../../src/relay/listen.ts';
import { relayOptions } from '../../src/relay/options.ts';
import type { Event } from '../../src/relay/report.ts';
import { relayedEnvironment, runCommand } from '../../src/relay/run.ts';
import { signEntry } from '../../src/relay/signature.ts';
import { contentOf, entryBody } from '../entry-body.ts';
import { ask, start } from '../running.ts';

const BODY = entryBody('body');
const SHA256 = createHash('sha256').update(BODY).digest('hex');
const directory = mkdtempSync(join(tmpdir(), 'relay-'));
const spool = mkdtempSync(join(tmpdir(), 'relay-spool-'));
const { publicKey, privateKey } = generateKeyPairSync('ed25519');
writeFileSync(join(directory, 'public.pem'), publicKey.export({ format: 'pem', type: 'spki' }));
writeFileSync(join(directory, 'private.pem'), privateKey.export({ format: 'pem', type: 'pkcs8' }));

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  expect(readdirSync(spool)).toEqual([]);
});

interface TestedRelay {
  address: string;
  ask(method: string, hash: string, init?: RequestInit): Promise<Response>;
  events: Event[];
  close(grace: number): Promise<void>;
}

/** A relay before an upstream that answers as `listener` does: a server of the protocol that is not ours. */
async function relayTo(listener: RequestListener, flags: string[] = [], token?: string): Promise<TestedRelay> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const events: Event[] = [];
  const upstream = `http://127.0.0.1:${(server.address() as AddressInfo).port}/prefix`;
  const { settings } = loadConfig('relay', ['--upstream', upstream, '--spool', spool, ...flags], {});
  const relay = await startRelay(relayOptions(settings, { CACHE_SERVER_UPSTREAM_TOKEN: 'upstream-token' }), 0, token, (event) => events.push(event));
  closers.push(
    () => relay.close(0),
    () => server.close(),
  );
  return {
    address: relay.address,
    ask: (method, hash, init) => fetch(`${relay.address}/v1/cache/${hash}`, { method, ...init }),
    events,
    close: (grace) => relay.close(grace),
  };
}

/** nx takes an answer that comes before its body was sent for a fault. */
function uploadLikeNx(address: string, size: number): Promise<{ status: number | undefined; isSentWhole: boolean }> {
  return new Promise((resolve, reject) => {
    const upload = request(`${address}/v1/cache/12`, { method: 'PUT', headers: { 'content-length': size } }, (response) =>
      resolve({ status: response.resume().statusCode, isSentWhole: upload.writableFinished }),
    );
    upload.on('error', reject).end(Buffer.alloc(size));
  });
}

it('a server without digests is asked under its path with its token, and its lengths are checked', async () => {
  const seen: unknown[] = [];
  const { ask } = await relayTo((request, response) => {
    seen.push([request.url, request.headers.authorization]);
    response.end(BODY);
  });
  const response = await ask('GET', '12');
  expect([response.status, response.headers.get('content-length'), await contentOf(response)]).toEqual([200, String(BODY.length), 'body']);
  expect(seen).toEqual([['/prefix/v1/cache/12', 'Bearer upstream-token']]);
});

it('with --require-digest an entry without one is a miss', async () => {
  const { ask, events } = await relayTo((_, response) => response.end(BODY), ['--require-digest']);
  const response = await ask('GET', '12');
  expect([response.status, response.headers.get('cache-status')]).toEqual([404, 'cache-server-relay; fwd=miss; detail=no-digest']);
  expect(events.map(({ reason }) => reason)).toEqual(['no-digest']);
});

it('with trusted keys an entry is a hit only under the hash that was signed', async () => {
  const signature = signEntry(privateKey, '12', SHA256);
  const { ask, events } = await relayTo(
    (request, response) => response.writeHead(200, request.url!.endsWith('/3') ? {} : { 'x-entry-signature': signature }).end(BODY),
    ['--trusted-keys', join(directory, 'public.pem')],
  );
  expect([(await ask('GET', '12')).status, (await ask('GET', '13')).status, (await ask('GET', '3')).status]).toEqual([200, 404, 404]);
  expect(events.map(({ reason }) => reason)).toEqual(['bad-signature', 'unsigned']);
});

it('an upload goes on with its length, digest and signature', async () => {
  let seen: unknown;
  const { ask } = await relayTo(
    (request, response) => {
      const { 'content-length': length, 'repr-digest': digest, 'x-entry-signature': signature } = request.headers;
      seen = { length, digest, signature };
      request.resume().on('end', () => response.end());
    },
    ['--signing-key', join(directory, 'private.pem')],
  );
  expect((await ask('PUT', '12', { body: BODY })).status).toBe(200);
  const digest = `sha-256=:${Buffer.from(SHA256, 'hex').toString('base64')}:`;
  expect(seen).toEqual({ length: String(BODY.length), digest, signature: signEntry(privateKey, '12', SHA256) });
});

it('an entry larger than --max-entry-size is a miss, and an upload of one is drained and declined', async () => {
  const { address, ask, events } = await relayTo((_, response) => response.end('x'.repeat(2000)), ['--max-entry-size', '1KB']);
  expect((await ask('GET', '12')).status).toBe(404);
  expect(await uploadLikeNx(address, 20_000_000)).toEqual({ status: 403, isSentWhole: true });
  expect(events.map(({ reason }) => reason)).toEqual(['too-large', 'too-large']);
});

const PAGE = '<!doctype html><title>Sign in</title>';
it.each([
  ['an empty body', Buffer.alloc(0), 'form', /is empty/],
  ['a page', Buffer.from(PAGE), 'page', /begins with "<!doctype html><"/],
  ['a page after a mark of its encoding', Buffer.from(`\ufeff\n${PAGE}`), 'page', /begins with/],
  ['half an entry of that length', BODY.subarray(0, 60), 'form', /inside of its gzip stream/],
  ['gzip of a page', gzipSync(PAGE), 'form', /hold no tar header/],
])('%s with status 200 is a miss that is told, and as an upload it goes no further', async (_, body, reason, problem) => {
  let uploads = 0;
  const { ask, events } = await relayTo((request, response) => {
    if (request.method === 'PUT') uploads++;
    response.end(body);
  });
  const got = await ask('GET', '12');
  expect([got.status, got.headers.get('cache-status')]).toEqual([404, `cache-server-relay; fwd=miss; detail=${reason}`]);
  expect(events[0]?.message).toMatch(problem);
  const put = await ask('PUT', '12', { body });
  expect([put.status, put.headers.get('cache-status'), uploads]).toEqual([403, 'cache-server-relay; fwd=method; detail=form', 0]);
});

it('an entry that was stored as a page does not open the circuit, and a sign-in that answers everything does', async () => {
  const digest = `sha-256=:${createHash('sha256').update(PAGE).digest('base64')}:`;
  const stored = await relayTo((_, response) => response.writeHead(200, { 'repr-digest': digest }).end(PAGE));
  for (const hash of ['1', '2', '3', '4']) await stored.ask('GET', hash);
  expect(stored.events.map(({ event, reason }) => `${event} ${reason}`)).toEqual(Array(4).fill('fault form'));
  const portal = await relayTo((_, response) => response.end(PAGE));
  for (const hash of ['1', '2', '3', '4']) await portal.ask('GET', hash);
  expect(portal.events.map(({ event, reason }) => `${event} ${reason}`)).toEqual(['fault page', 'fault page', 'open page', 'fault page', 'fault open']);
});

it.each([
  ['200', 200],
  ['403', 403],
])('a page with status %s in answer to an upload is no answer of a cache server', async (_, status) => {
  const { ask, events } = await relayTo((request, response) => request.resume().on('end', () => response.writeHead(status).end(PAGE)));
  expect((await ask('PUT', '12', { body: BODY })).status).toBe(403);
  expect(events.map(({ reason }) => reason)).toEqual(['page']);
});

it('who has another token than this run gets nothing, and no token is told', async () => {
  let asked = 0;
  const { ask, events } = await relayTo(
    (_, response) => {
      asked++;
      response.end(BODY);
    },
    [],
    'of-this-run',
  );
  const wrong = { headers: { authorization: 'Bearer of-another' } };
  expect([(await ask('GET', '12')).status, (await ask('GET', '12', wrong)).status, (await ask('PUT', '12', { ...wrong, body: 'x' })).status]).toEqual([
    404, 404, 403,
  ]);
  expect(asked).toBe(0);
  expect((await ask('GET', '12', { headers: { authorization: 'Bearer of-this-run' } })).status).toBe(200);
  expect(events.map(({ reason }) => reason)).toEqual(['unauthorized', 'unauthorized', 'unauthorized']);
  expect(JSON.stringify(events)).not.toMatch(/of-this-run|of-another|upstream-token/);
});

it('hashes that the server would refuse are not sent to it, and do not open the circuit', async () => {
  const server = await start();
  const { settings } = loadConfig('relay', ['--upstream', server.url, '--spool', spool], {});
  const events: Event[] = [];
  const relay = await startRelay(relayOptions(settings, { CACHE_SERVER_UPSTREAM_TOKEN: server.tokens['main'] }), 0, undefined, (event) => events.push(event));
  closers.push(
    () => relay.close(0),
    () => server.close(),
  );
  const get = (hash: string): Promise<Response> => fetch(`${relay.address}/v1/cache/${hash}`);
  await ask(server, 'PUT', '12', 'main', BODY);
  for (const odd of ['-1', '_a', '-_']) expect((await get(odd)).status).toBe(404);
  expect(await contentOf(await get('12'))).toBe('body');
  expect(events.map(({ event, reason }) => `${event} ${reason}`)).toEqual(['fault client', 'fault client', 'fault client']);
});

it('a request that upstream calls bad tells nothing of the next one', async () => {
  const { ask: askRelay, events } = await relayTo((request, response) => response.writeHead(request.url!.endsWith('/12') ? 200 : 400).end(BODY));
  for (const hash of ['1', '2', '3']) expect((await askRelay('GET', hash)).status).toBe(404);
  expect((await askRelay('GET', '12')).status).toBe(200);
  expect(events.map(({ reason }) => reason)).toEqual(['bad-request', 'bad-request', 'bad-request']);
});

it('a relay that is told to stop lets the running request end, and waits for no idle connection', async () => {
  let asked = (_: ServerResponse): void => undefined;
  const upstreamIsAsked = new Promise<ServerResponse>((resolve) => {
    asked = resolve;
  });
  const { address, close } = await relayTo((_, response) => asked(response));
  const agent = new Agent({ keepAlive: true });
  closers.push(() => agent.destroy());
  const got = new Promise((resolve, reject) =>
    get(`${address}/v1/cache/12`, { agent }, (response) => void buffer(response).then(resolve, reject)).on('error', reject),
  );
  const response = await upstreamIsAsked;
  const closed = close(60_000);
  response.end(BODY);
  expect(await got).toEqual(BODY);
  await closed;
}, 10_000);

it('the exit code of a command is passed on, and that of its signal', async () => {
  expect(await runCommand([process.execPath, '-e', 'process.exit(7)'], process.env)).toBe(7);
  expect(await runCommand([process.execPath, '-e', 'process.kill(process.pid, "SIGKILL")'], process.env)).toBe(137);
  await expect(runCommand(['/nowhere/nx'], process.env)).rejects.toThrow('cannot start "/nowhere/nx": ENOENT');
});

it('the command has the token of the relay, and not that of upstream', () => {
  const env = relayedEnvironment(
    { CACHE_SERVER_UPSTREAM_TOKEN: 'secret', NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN: 'secret', HOME: '/h', no_proxy: 'a' },
    'http://127.0.0.1:1',
    'own',
  );
  expect(env).toEqual({
    HOME: '/h',
    no_proxy: 'a',
    NO_PROXY: 'a,127.0.0.1',
    NX_SELF_HOSTED_REMOTE_CACHE_SERVER: 'http://127.0.0.1:1',
    NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN: 'own',
  });
});
