import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadConfig } from '../src/config/config.ts';
import { entryUrl, routeOf } from '../src/protocol.ts';
import { startRelay } from '../src/relay/listen.ts';
import { relayOptions } from '../src/relay/options.ts';
import { contentOf, entryBody } from './entry-body.ts';
import { raw, start, type Running } from './running.ts';

/** What people append to the address of a server. */
const ENDINGS = ['', '/', '//', '/nx', '/nx/', '/nx//', '/a/b///'];

describe('a path has one spelling', () => {
  test.each([
    ['/v1/cache/1', '/v1/cache/1'],
    ['//v1/cache/1', '/v1/cache/1'],
    ['/nx//v1//cache/1/', '/v1/cache/1'],
    ['/v1/cache/metrics', '/v1/cache/metrics'],
    ['/nx//metrics', '/metrics'],
    ['///healthz', '/healthz'],
    ['//', '/'],
    ['/nx', '/nx'],
    ['/v1/cache/', '/v1/cache'],
    ['/v1/cache/1/2', '/v1/cache/1/2'],
  ])('%s is %s', (path, route) => {
    expect(routeOf(path)).toBe(route);
  });

  test('an entry has one address below each spelling of a server', () => {
    const ends = ENDINGS.map((ending) => entryUrl(new URL(`https://host:1${ending}`), '7').href.slice('https://host:1'.length));
    expect(ends).toEqual(['/', '/', '/', '/nx/', '/nx/', '/nx/', '/a/b/'].map((prefix) => `${prefix}v1/cache/7`));
  });
});

describe('whatever the address ends with,', () => {
  let server: Running;
  beforeAll(async () => {
    server = await start();
  });
  afterAll(() => server.close());

  test.each(ENDINGS)('the server is the same: %j', async (ending) => {
    const base = `${server.url}${ending}`;
    const headers = { Authorization: `Bearer ${server.tokens['main']}` };
    const hash = `1${ENDINGS.indexOf(ending)}`;
    expect((await fetch(`${base}/v1/cache/${hash}`, { method: 'PUT', headers, body: entryBody(hash) })).status).toBe(200);
    expect(await contentOf(await fetch(`${server.url}/v1/cache/${hash}`, { headers }))).toBe(hash);
    expect((await fetch(`${base}/v1/cache/${hash}`, { method: 'HEAD', headers })).status).toBe(200);
    expect(await (await fetch(`${base}/healthz`)).json()).toEqual({ status: 'ok' });
    expect(await (await fetch(`${base}/metrics`, { headers })).text()).toContain('cache_server_hits_total');
    expect((await fetch(`${base}/metrics`)).status).toBe(401);
  });

  test('a token is needed, and a hash is a hash', async () => {
    expect((await fetch(`${server.url}//v1/cache/10`)).status).toBe(401);
    const { socket, answer } = await raw(server);
    socket.write(`GET //v1/cache/..%2f10 HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ${server.tokens['main']}\r\n\r\n`);
    expect(await answer).toMatch(/^HTTP\/1\.1 400 /);
  });

  test.each(ENDINGS)('the relay asks upstream for the same, and is the same: %j', async (ending) => {
    const asked: string[] = [];
    const upstream = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.end(entryBody('x'));
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => upstream.once('listening', resolve));
    const address = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}${ending}`;
    const { settings } = loadConfig('relay', ['--log-level', 'silent'], {});
    const relay = await startRelay(relayOptions(settings, { NX_SELF_HOSTED_REMOTE_CACHE_SERVER: address }), 0, undefined, () => undefined);
    expect(await contentOf(await fetch(`${relay.address}${ending}/v1/cache/7`))).toBe('x');
    expect(asked).toEqual([`${ending.replace(/\/+$/, '')}/v1/cache/7`]);
    await relay.close(0);
    upstream.close();
  });

  test('an upstream with a query or a fragment, which would be dropped, is refused', () => {
    for (const more of ['?key=1', '/nx#a']) {
      const { settings } = loadConfig('relay', ['--upstream', `https://host${more}`], {});
      expect(() => relayOptions(settings, {})).toThrow(/without user name, password, query and fragment/);
    }
  });
});
