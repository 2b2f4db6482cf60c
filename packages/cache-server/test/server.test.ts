import { createHash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { contentOf, entryBody } from './entry-body.ts';
import { ask, bytes, raw, start, until, type Running } from './running.ts';

vi.setConfig({ testTimeout: 60_000 }); // a busy machine

let server: Running;
beforeAll(async () => {
  server = await start();
});
afterAll(() => server.close());

describe('the protocol', () => {
  test('an entry that was put is got, with the digest of RFC 9530', async () => {
    const body = entryBody(bytes(300_000));
    expect((await ask(server, 'PUT', '101', 'main', body)).status).toBe(200);
    const got = await ask(server, 'GET', '101', 'reader');
    expect(got.status).toBe(200);
    expect(Buffer.compare(Buffer.from(await got.arrayBuffer()), body)).toBe(0);
    expect(got.headers.get('Repr-Digest')).toBe(`sha-256=:${createHash('sha256').update(body).digest('base64')}:`);
    expect(got.headers.get('Cache-Status')).toBe('cache-server; hit');
  });

  test('HEAD tells the size and sends no body', async () => {
    const body = entryBody('four');
    await ask(server, 'PUT', '102', 'main', body);
    const head = await ask(server, 'HEAD', '102', 'reader');
    expect([head.status, head.headers.get('Content-Length'), await head.text()]).toEqual([200, String(body.length), '']);
  });

  test('an entry that nobody put is a miss', async () => {
    const miss = await ask(server, 'GET', '103', 'reader');
    expect([miss.status, miss.headers.get('Cache-Status')]).toEqual([404, 'cache-server; fwd=uri-miss']);
  });

  test('an entry of a task without outputs is an entry', async () => {
    expect((await ask(server, 'PUT', '104', 'main', entryBody(''))).status).toBe(200);
    const got = await ask(server, 'GET', '104', 'main');
    expect([got.status, await contentOf(got)]).toEqual([200, '']);
  });

  test('of eight writers at once one wins, and the others hear 409', async () => {
    const bodies = Array.from({ length: 8 }, () => entryBody(bytes(500_000)));
    const statuses = await Promise.all(bodies.map(async (body) => (await ask(server, 'PUT', '105', 'main', body)).status));
    expect(statuses.toSorted()).toEqual([200, 409, 409, 409, 409, 409, 409, 409]);
    const got = Buffer.from(await (await ask(server, 'GET', '105', 'main')).arrayBuffer());
    expect(Buffer.compare(got, bodies[statuses.indexOf(200)]!)).toBe(0);
  });

  test('a signature that a writer sends is sent to readers', async () => {
    const signature = bytes(64).toString('base64');
    await ask(server, 'PUT', '106', 'main', entryBody('signed'), { 'X-Entry-Signature': signature });
    expect((await ask(server, 'GET', '106', 'reader')).headers.get('X-Entry-Signature')).toBe(signature);
  });

  test('a body that is not what its digest announced is refused', async () => {
    const digest = createHash('sha256').update('other').digest('base64');
    const put = await ask(server, 'PUT', '107', 'main', entryBody('this'), { 'Repr-Digest': `sha-256=:${digest}:` });
    expect([put.status, await put.text()]).toEqual([400, 'bad-digest\n']);
    expect((await ask(server, 'GET', '107', 'main')).status).toBe(404);
  });
});

describe('a Repr-Digest', () => {
  test('counts by the name of its algorithm, and not wherever its characters stand', async () => {
    const other = `sha-256=:${createHash('sha256').update('other').digest('base64')}:`;
    for (const [index, field] of [`x${other}`, `note="${other}"`, `sha-512=:AAAA:;${other.replaceAll(':', '')}`].entries()) {
      expect((await ask(server, 'PUT', `12${index}`, 'main', entryBody('this'), { 'Repr-Digest': field })).status, field).toBe(200);
    }
  });
});

describe('what else it serves', () => {
  test('health is open; metrics count hits, misses and refusals', async () => {
    expect(await (await fetch(`${server.url}/healthz`)).json()).toEqual({ status: 'ok' });
    await ask(server, 'GET', '999', 'reader');
    await ask(server, 'PUT', '999', 'reader', 'no');
    const text = await (await fetch(`${server.url}/metrics`, { headers: { Authorization: `Bearer ${server.tokens['reader']}` } })).text();
    for (const line of [
      /^cache_server_hits_total [1-9]/m,
      /^cache_server_misses_total [1-9]/m,
      /^cache_server_refusals_total\{reason="read-only"\} 1$/m,
      /^cache_server_requests_in_flight 1$/m,
      /^cache_server_stored_entries \d+$/m,
    ])
      expect(text).toMatch(line);
  });
});

describe('limits', () => {
  test('failOpen answers what nx takes for a miss, and says the reason in Cache-Status', async () => {
    const open = await start('--fail-open', '--max-entry-size', '10B');
    const answers = [await ask(open, 'GET', '1'), await ask(open, 'PUT', '1', 'main', bytes(11)), await ask(open, 'PUT', '1', 'nonsense', 'x')];
    expect(answers.map(({ status, headers }) => [status, headers.get('Cache-Status')])).toEqual([
      [404, 'cache-server; detail=unauthorized'],
      [403, 'cache-server; detail=too-large'],
      [403, 'cache-server; detail=unauthorized'],
    ]);
    await open.close();
  });

  test('more requests a second than allowed hear 429', async () => {
    const limited = await start('--requests-per-second', '5');
    const statuses = await Promise.all(Array.from({ length: 20 }, async () => (await ask(limited, 'GET', '1', 'main')).status));
    expect(statuses).toContain(429);
    await limited.close();
  });

  test('more bytes a minute than allowed hear 429', async () => {
    const limited = await start('--upload-per-minute', '10KB');
    expect((await ask(limited, 'PUT', '1', 'main', entryBody(bytes(9000)))).status).toBe(200);
    const second = await ask(limited, 'PUT', '2', 'main', entryBody(bytes(9000)));
    expect([second.status, await second.text()]).toEqual([429, 'too-many-bytes\n']);
    await limited.close();
  });

  test('the least recently used entries go when maxSize is passed, while reads go on', async () => {
    const small = await start('--max-size', '1MB');
    for (let hash = 10; hash < 30; hash++) expect((await ask(small, 'PUT', String(hash), 'main', entryBody(bytes(100_000)))).status).toBe(200);
    await until(async () => (await ask(small, 'GET', '10', 'main')).status === 404);
    expect((await ask(small, 'GET', '29', 'main')).status).toBe(200);
    await small.close();
  });
});

test('a download that runs when the server is told to stop ends whole', async () => {
  const stopping = await start();
  const body = entryBody(bytes(30_000_000));
  await ask(stopping, 'PUT', '1', 'main', body);
  const got = await ask(stopping, 'GET', '1', 'main');
  const closed = stopping.close();
  await expect(fetch(`${stopping.url}/healthz`)).rejects.toThrow();
  expect(Buffer.compare(Buffer.from(await got.arrayBuffer()), body)).toBe(0);
  await closed;
});

test('a download that outlasts the grace period is cut', async () => {
  const stopping = await start('--grace-period', '100ms');
  await ask(stopping, 'PUT', '1', 'main', entryBody(bytes(30_000_000)));
  const got = await ask(stopping, 'GET', '1', 'main');
  await stopping.close();
  await expect(got.arrayBuffer()).rejects.toThrow();
});

test('a client that pauses for less than the time-out is not cut, whenever it began', async () => {
  const body = entryBody('x');
  const patient = await start('--idle-timeout', '2s');
  const statuses = await Promise.all(
    [0, 400, 800, 1200, 1600].map(async (delay, index) => {
      await setTimeout(delay);
      const { socket, answer } = await raw(patient);
      socket.write(
        `PUT /v1/cache/5${index} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ${patient.tokens['main']}\r\nContent-Length: ${body.length}\r\n\r\n`,
      );
      socket.write(body.subarray(0, 9));
      await setTimeout(1000);
      socket.write(body.subarray(9));
      return (await answer).slice(0, 12);
    }),
  );
  expect(statuses).toEqual(Array(5).fill('HTTP/1.1 200'));
  await patient.close();
});
