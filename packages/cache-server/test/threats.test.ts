// One test a threat of docs/threat-model.md, over a real socket where it matters.
import { once } from 'node:events';
import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, readFileSync, statSync, writeSync } from 'node:fs';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createToken, findToken, readTokens, secretOf, writeTokens } from '../src/access/tokens.ts';
import { loadConfig } from '../src/config/config.ts';
import { auditLine } from '../src/activity.ts';
import { verify } from '../src/house-keeping/verify.ts';
import { startServer } from '../src/server.ts';
import { fileSystemStore } from '../src/stores/file-system.ts';
import { contentOf, entryBody } from './entry-body.ts';
import { ask, bytes, raw, start, until, type Running } from './running.ts';

vi.setConfig({ testTimeout: 60_000 });

const STRICT = ['--max-entry-size', '1MB', '--header-timeout', '1s', '--idle-timeout', '1s', '--min-rate', '10KB', '--requests-per-second', '0'];
let server: Running;
beforeAll(async () => {
  server = await start(...STRICT);
});
afterAll(() => server.close());

test('CREEP (CVE-2025-36852): what a pull request writes first is never read by the trusted branch', async () => {
  expect((await ask(server, 'PUT', '1', 'pr', entryBody('poison'))).status).toBe(200);
  expect((await ask(server, 'GET', '1', 'main')).status).toBe(404);
  expect((await ask(server, 'PUT', '1', 'main', entryBody('genuine'))).status).toBe(200);
  expect(await contentOf(await ask(server, 'GET', '1', 'main'))).toBe('genuine');
  // The trusted entry comes first for the pull request, too, and another pull request sees nothing of it.
  expect(await contentOf(await ask(server, 'GET', '1', 'pr'))).toBe('genuine');
  expect((await ask(server, 'PUT', '1', 'pr', entryBody('again'))).status).toBe(409);
  await ask(server, 'PUT', '2', 'pr', entryBody('own'));
  expect((await ask(server, 'GET', '2', 'other')).status).toBe(404);
});

test('a stolen read token writes nothing, and the audit log has its name', async () => {
  expect((await ask(server, 'PUT', '10', 'reader', 'poison')).status).toBe(403);
  expect((await ask(server, 'GET', '10', 'reader')).status).toBe(404);
  await until(() => server.audit().some(({ token, outcome, hash }) => token === 'reader' && outcome === 'read-only' && hash === '10'));
});

test('a token that is wrong, expired, absent or its own digest is refused, and no log holds it', async () => {
  const digest = (JSON.parse(readFileSync(join(server.directory, 'tokens.json'), 'utf8')) as { tokens: { sha256: string }[] }).tokens[0]!.sha256;
  for (const token of ['cosc_guess', 'past', digest, undefined]) expect((await ask(server, 'GET', '1', token)).status).toBe(401);
  expect((await fetch(`${server.url}/metrics`)).status).toBe(401);
  expect((await fetch(server.url)).status).toBe(401);
  const kept = readFileSync(join(server.directory, 'audit.jsonl'), 'utf8') + readFileSync(join(server.directory, 'tokens.json'), 'utf8');
  for (const secret of ['cosc_guess', ...Object.values(server.tokens)]) expect(kept).not.toContain(secret);
});

test('comparing a token takes every token of the file, whichever matches', () => {
  const made = Array.from({ length: 5 }, (_, index) => createToken({ name: `t${index}`, scope: 'read', namespace: 'a', reads: ['a'] }));
  let read = 0;
  const counted = made.map(({ token }) => ({
    ...token,
    get sha256() {
      read++;
      return token.sha256;
    },
  }));
  expect(findToken(counted, made[0]!.secret, new Date())?.name).toBe('t0');
  expect(read).toBe(5);
});

test('a revoked token is refused without a restart', async () => {
  const own = await start();
  expect((await ask(own, 'GET', '1', 'main')).status).toBe(404);
  writeTokens(join(own.directory, 'tokens.json'), []);
  await until(async () => (await ask(own, 'GET', '1', 'main')).status === 401);
  await own.close();
});

test('a file of tokens is readable by its owner only', () => {
  expect(statSync(join(server.directory, 'tokens.json')).mode & 0o777).toBe(0o600);
});

test.each(['..%2f..%2fetc%2fpasswd', '%2e%2e', '..', 'a%2fb', '.hidden', 'a%00b', '%5c..%5c', 'x'.repeat(129), 'a%0ab'])(
  'a hash that would be a path (%s) touches no file',
  async (hash) => {
    const before = readdirSync(server.directory).sort();
    for (const method of ['GET', 'PUT']) {
      const { socket, answer } = await raw(server);
      const head = `${method} /v1/cache/${hash} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ${server.tokens['main']}\r\n`;
      socket.write(method === 'PUT' ? `${head}Content-Length: 1\r\n\r\nx` : `${head}\r\n`);
      expect(await answer).toMatch(/^HTTP\/1\.1 40[04] /);
    }
    expect(readdirSync(server.directory).sort()).toEqual(before);
    expect(readdirSync(join(server.directory, 'store')).sort()).toEqual(['entries', 'incoming']);
  },
);

test('a namespace that would be a path is no namespace of a token', () => {
  expect(() => loadConfig('token', ['create', '--name', 'x', '--namespace', '../x'], {})).toThrow(/--namespace must be a namespace: 1 to 64 of/);
  expect(() => loadConfig('token', ['create', '--name', 'x', '--reads', 'a,../x'], {})).toThrow(/--reads must be namespaces separated by commas/);
  const file = join(server.directory, 'path.json');
  writeTokens(file, [createToken({ name: 'x', scope: 'read', namespace: '../x', reads: ['trusted'] }).token]);
  expect(() => readTokens(file)).toThrow(expect.objectContaining({ code: 'TOKENS_INVALID' }));
});

test('an entry is never overwritten', async () => {
  await ask(server, 'PUT', '20', 'main', entryBody('first'));
  expect((await ask(server, 'PUT', '20', 'main', entryBody('second'))).status).toBe(409);
  expect(await contentOf(await ask(server, 'GET', '20', 'main'))).toBe('first');
  for (const method of ['DELETE', 'POST', 'PATCH']) expect((await ask(server, method, '20', 'main')).status).toBe(405);
});

test('a body larger than allowed is refused by its length alone, and one without a length is refused', async () => {
  expect((await ask(server, 'PUT', '30', 'main', bytes(1_048_577))).status).toBe(413);
  const { socket, answer } = await raw(server);
  socket.write(
    `PUT /v1/cache/31 HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ${server.tokens['main']}\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
  );
  expect(await answer).toMatch(/^HTTP\/1\.1 411 /);
});

test('a compressed body is not expanded into the store: what comes in is what is stored', async () => {
  const body = entryBody('x');
  await ask(server, 'PUT', '32', 'main', body, { 'Content-Encoding': 'gzip' });
  const got = await ask(server, 'GET', '32', 'main');
  expect([got.headers.get('Content-Encoding'), Buffer.from(await got.arrayBuffer()).equals(body)]).toEqual([null, true]);
});

test('a client that drips its headers is cut', async () => {
  const { socket, answer } = await raw(server);
  socket.write('GET /v1/cache/1 HTTP/1.1\r\nHost: x\r\n');
  const drip = setInterval(() => socket.write('X-A: b\r\n'), 200);
  expect(await answer).not.toMatch(/^HTTP\/1\.1 200/);
  clearInterval(drip);
});

test('a client that drips its body is cut, and nothing of it stays', async () => {
  const { socket, answer } = await raw(server);
  socket.write(`PUT /v1/cache/40 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${server.tokens['main']}\r\nContent-Length: 1000000\r\n\r\n`);
  const [body, sent] = [entryBody(bytes(1000)), { bytes: 0 }];
  const drip = setInterval(() => socket.write(body.subarray(sent.bytes, ++sent.bytes)), 100);
  await answer;
  clearInterval(drip);
  await until(() => readdirSync(join(server.directory, 'store/incoming')).length === 0);
  expect((await ask(server, 'GET', '40', 'main')).status).toBe(404);
});

test('a client that does not read is cut', async () => {
  const large = await start('--idle-timeout', '4s'); // a busy machine may itself pause for a second or two
  await ask(large, 'PUT', '41', 'main', entryBody(bytes(50_000_000)));
  const { socket } = await raw(large);
  socket.pause();
  socket.write(`GET /v1/cache/41 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${large.tokens['main']}\r\n\r\n`);
  const inFlight = async (): Promise<string> => (await fetch(`${large.url}/metrics`, { headers: { Authorization: `Bearer ${large.tokens['main']}` } })).text();
  await until(async () => /requests_in_flight 2$/m.test(await inFlight()));
  await until(async () => /requests_in_flight 1$/m.test(await inFlight()));
  socket.destroy();
  await large.close();
});

test('a client that dies in the middle of its body leaves nothing', async () => {
  const { socket } = await raw(server);
  socket.write(`PUT /v1/cache/50 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${server.tokens['main']}\r\nContent-Length: 100000\r\n\r\n`);
  socket.write(entryBody(bytes(100_000)).subarray(0, 50_000));
  await until(() => readdirSync(join(server.directory, 'store/incoming')).length === 1);
  socket.resetAndDestroy();
  await until(() => readdirSync(join(server.directory, 'store/incoming')).length === 0);
  await until(() => server.audit().some(({ hash, outcome }) => hash === '50' && outcome === 'short-body'));
  expect((await ask(server, 'GET', '50', 'main')).status).toBe(404);
});

test('a line cannot be forged in the audit log', () => {
  const line = auditLine({
    time: new Date(0),
    method: 'PUT',
    outcome: 'bad-hash',
    status: 400,
    token: undefined,
    address: '::1',
    namespace: undefined,
    hash: 'x"}\n{"outcome":"created\u2028',
    size: undefined,
    sha256: undefined,
    seconds: 0,
    error: undefined,
  })!;
  expect(line.trimEnd().split('\n')).toHaveLength(1);
  expect(JSON.parse(line)).toMatchObject({ outcome: 'bad-hash' });
});

test('the page shows markup from the network as text, and allows no script', async () => {
  await ask(server, 'GET', encodeURIComponent('<script>alert(1)</script>'), 'main');
  const page = await fetch(server.url, { headers: { Authorization: `Basic ${btoa(`x:${server.tokens['reader']}`)}` } });
  const text = await page.text();
  expect(text).toContain('&lt;script&gt;alert(1)');
  expect(text).not.toContain('<script');
  expect(page.headers.get('Content-Security-Policy')).toMatch(/^default-src 'none'/);
});

test('a request in absolute form, or with another host, makes the server ask nobody else', async () => {
  const { socket, answer } = await raw(server);
  const other = await start();
  socket.write(
    `GET ${other.url}/v1/cache/1 HTTP/1.1\r\nHost: ${new URL(other.url).host}\r\nConnection: close\r\nAuthorization: Bearer ${server.tokens['main']}\r\n\r\n`,
  );
  expect(await answer).toMatch(/^HTTP\/1\.1 (200|404|400) /);
  expect(other.audit()).toEqual([]);
  await other.close();
});

test.each([
  ['two lengths', 'Content-Length: 5\r\nContent-Length: 6\r\n'],
  ['a length and chunks', 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n'],
  ['a length that is no number', 'Content-Length: +5\r\n'],
  ['an obsolete fold', 'Content-Length: 5\r\nX-A: b\r\n c\r\n\0: x\r\n'],
])('smuggling by %s is refused and the connection closed', async (_, headers) => {
  const { socket, answer } = await raw(server);
  socket.write(
    `PUT /v1/cache/60 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${server.tokens['main']}\r\n${headers}\r\nhelloGET /v1/cache/1 HTTP/1.1\r\nHost: x\r\n\r\n`,
  );
  const text = await answer;
  expect(text).toMatch(/^HTTP\/1\.1 400 /);
  expect(text.match(/HTTP\/1\.1/g)).toHaveLength(1);
});

test('without tokens nobody but this machine is served', async () => {
  const { settings } = loadConfig('serve', ['--host', '0.0.0.0', '--port', '0'], {});
  await expect(startServer(settings)).rejects.toThrow(/host 0\.0\.0\.0 is not loopback/);
});

test('more connections than allowed are closed', async () => {
  const few = await start('--max-connections', '2');
  const [one, two] = [await raw(few), await raw(few)];
  const third = await raw(few);
  expect(await third.answer).toBe('');
  one.socket.destroy();
  two.socket.destroy();
  await few.close();
});

test('more uploads at once than allowed hear 429', async () => {
  const few = await start('--max-uploads', '1');
  const { socket } = await raw(few);
  socket.write(`PUT /v1/cache/1 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${few.tokens['main']}\r\nContent-Length: 10\r\n\r\n`);
  await until(() => existsSync(join(few.directory, 'store/incoming')) && readdirSync(join(few.directory, 'store/incoming')).length === 1);
  expect((await ask(few, 'PUT', '2', 'main', 'x')).status).toBe(429);
  socket.destroy();
  await once(socket, 'close');
  await few.close();
});

test('a basic password is a token only as the whole password', () => {
  expect(secretOf(`Basic ${btoa('user:se:cret')}`)).toBe('se:cret');
  for (const bad of ['Basic !!', `Basic ${btoa('nocolon')}`, 'Bearer', 'Bearer a b', 'Digest x', null]) expect(secretOf(bad)).toBeUndefined();
});

test('an entry that was changed on disk is found and deleted by verify', async () => {
  const own = await start();
  for (const hash of ['70', '71']) await ask(own, 'PUT', hash, 'main', entryBody(bytes(1000)));
  const directory = join(own.directory, 'store');
  const handle = openSync(join(directory, 'entries/trusted/70/70'), 'r+');
  writeSync(handle, 'x', 500);
  closeSync(handle);
  const store = await fileSystemStore(directory);
  expect(await verify(store, true)).toMatchObject({ entries: 2, corrupt: [{ key: { namespace: 'trusted', hash: '70' }, deleted: true }] });
  expect([(await ask(own, 'GET', '70', 'main')).status, (await ask(own, 'GET', '71', 'main')).status]).toEqual([404, 200]);
  await own.close();
});

test('with a certificate the port speaks no http', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'cache-server-tls-'));
  const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '1',
      '-subj',
      '/CN=localhost',
      '-keyout',
      key,
      '-out',
      cert,
    ],
    { stdio: 'ignore' },
  );
  const tls = await start('--tls-cert', cert, '--tls-key', key);
  expect(tls.url).toMatch(/^https:/);
  await expect(fetch(tls.url.replace('https', 'http'))).rejects.toThrow();
  const status = await new Promise((resolve, reject) => {
    get(`${tls.url}/healthz`, { ca: readFileSync(cert), servername: 'localhost' }, (response) => resolve(response.resume().statusCode)).on('error', reject);
  });
  expect(status).toBe(200);
  await tls.close();
});
