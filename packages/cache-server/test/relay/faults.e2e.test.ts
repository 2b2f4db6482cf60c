import { execa } from 'execa';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/config.ts';
import { startRelay } from '../../src/relay/listen.ts';
import { relayOptions } from '../../src/relay/options.ts';
import type { Event } from '../../src/relay/report.ts';
import { startFaultProxy, startKillingProxy, type FaultProxy, type ProxyFault } from './fault-proxy.ts';
import { build, cachedOutputs, makeWorkspace, startServer, TARGETS, type Build } from './scratch-workspace.ts';

// The real nx builds through the relay, and between relay and real server something goes wrong. A build that hangs is killed after
// a minute and so ends with another code than 0.

const directory = mkdtempSync(join(tmpdir(), 'relay-faults-'));
const workspace = join(directory, 'workspace');
const tls = { key: join(directory, 'key.pem'), cert: join(directory, 'cert.pem') };
// Short, so that the tests are; the defaults are in config.schema.json.
const SHORT = ['--connect-timeout', '2s', '--response-timeout', '1s', '--stall-timeout', '1s', '--transfer-timeout', '20s'];
const TOKEN = 'a-token-of-upstream';

type Server = Awaited<ReturnType<typeof startServer>>;
let full: Server;
let empty: Server;
let good: Build;

beforeAll(async () => {
  makeWorkspace(workspace);
  await execa('openssl', [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-subj',
    '/CN=127.0.0.1',
    '-keyout',
    tls.key,
    '-out',
    tls.cert,
  ]);
  [full, empty] = await Promise.all([startServer(join(directory, 'full')), startServer(join(directory, 'empty'))]);
  good = await build(workspace, full.address, []);
});

beforeEach(() => rmSync(join(directory, 'empty/entries'), { recursive: true, force: true }));

afterAll(async () => {
  await Promise.all([full.stop(), empty.stop()]);
  rmSync(directory, { recursive: true, force: true });
});

/** Builds through a relay in this process, which tells its events. */
async function buildThrough(upstream: string, flags: string[] = []): Promise<Build & { events: Event[]; reasons: string[] }> {
  const events: Event[] = [];
  const spool = join(directory, 'spool');
  mkdirSync(spool, { recursive: true });
  const { settings } = loadConfig('relay', ['--upstream', upstream, '--spool', spool, ...SHORT, ...flags], {});
  const relay = await startRelay(relayOptions(settings, { CACHE_SERVER_UPSTREAM_TOKEN: TOKEN }), 0, TOKEN, (event) => events.push(event));
  try {
    const built = await build(workspace, relay.address, undefined, { NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN: TOKEN });
    return { ...built, events, reasons: [...new Set(events.filter(({ event }) => event === 'fault').map(({ reason }) => reason ?? ''))] };
  } finally {
    await relay.close(0);
  }
}

/** The build is as good as one without a cache, and nothing else than its outputs is in nx's local cache. */
function expectGood(result: Build): void {
  expect(result.exitCode, result.output).toBe(0);
  expect(result.outputs).toEqual(good.outputs);
  const cached = cachedOutputs(workspace);
  expect(cached).toHaveLength(TARGETS.length);
  expect(good.outputs).toEqual(expect.arrayContaining(cached));
}

const statuses = (status: string): Record<string, string> => Object.fromEntries(TARGETS.map((name) => [name, status]));

it('a cold build uploads and a warm one compiles nothing, through the command line, with its terminal and exit code', async () => {
  expectGood(good);
  expect(good.tasks).toEqual(statuses('cache-miss'));
  expect(good.output).toMatch(/remote cache: 0 hits \(0 B\), 3 misses, 3 uploads \(.* [KM]B\)\n?$/);
  const warm = await build(workspace, full.address, []);
  expectGood(warm);
  expect(warm.tasks).toEqual(statuses('remote-cache-hit'));
  expect(warm.output).toMatch(/remote cache: 3 hits/);
});

describe('upstream has the entries, and', () => {
  const faults: [string, ProxyFault, string][] = [
    ['answers nothing', 'silent', 'timeout'],
    ['answers 401', 401, 'refused'],
    ['answers 403', 403, 'refused'],
    ['answers 500', 500, 'status'],
    ['answers 503', 503, 'status'],
    ['cuts the body off', 'truncate', 'cut'],
    ['resets the connection in the middle', 'reset', 'cut'],
    ['changes a byte', 'corrupt', 'corrupt'],
    ['sends the body twice', 'too-much', 'corrupt'],
    ['drips', 'drip', 'slow'],
    ['redirects', 'redirect', 'redirect'],
    ['answers 200 with a page, as a sign-in does', 'page', 'page'],
    ['answers 200 with nothing', 'empty', 'form'],
    ['does not speak HTTP', 'garbage', 'not-http'],
  ];
  it.each(faults)('it %s: the build compiles and ends well, and the log tells %s → %s', async (_, fault, reason) => {
    const proxy = await startFaultProxy(full.address, fault);
    const result = await buildThrough(proxy.address);
    expectGood(result);
    expect(result.tasks).toEqual(statuses('cache-miss'));
    expect(result.reasons).toContain(reason);
    expect(proxy.count()).toBeGreaterThan(0);
    await proxy.close();
  });

  it('it has a certificate that nobody knows', async () => {
    const proxy = await startFaultProxy(full.address, 'pass', { tls: { key: readFileSync(tls.key, 'utf8'), cert: readFileSync(tls.cert, 'utf8') } });
    const result = await buildThrough(proxy.address);
    expectGood(result);
    expect(result.reasons).toContain('tls');
    expect(proxy.count()).toBe(0); // no request, so no token, went out
    await proxy.close();
  });

  it('it was killed while it sent an entry', async () => {
    const doomed = await startServer(join(directory, 'full'));
    const proxy = await startKillingProxy(doomed.address, 'down', 100_000, () => doomed.stop('SIGKILL'));
    const result = await buildThrough(proxy.address);
    expectGood(result);
    expect(result.reasons).toContain('cut');
    await proxy.close();
  });
});

describe('upstream is empty, and', () => {
  it('resets uploads', async () => {
    const proxy = await startFaultProxy(empty.address, 'reset', { only: 'PUT' });
    await expectUploadsFail(proxy, 'connect');
  });

  it('its disk is full', async () => {
    const proxy = await startFaultProxy(empty.address, 507, { only: 'PUT' });
    await expectUploadsFail(proxy, 'status');
  });

  it('takes uploads and never answers', async () => {
    const proxy = await startFaultProxy(empty.address, 'silent', { only: 'PUT' });
    await expectUploadsFail(proxy, 'timeout');
  });

  it('was killed while it received an entry, of which nothing is left', async () => {
    const doomed = await startServer(join(directory, 'doomed'));
    const proxy = await startKillingProxy(doomed.address, 'up', 100_000, () => doomed.stop('SIGKILL'));
    await expectUploadsFail(proxy, 'connect');
    const again = await startServer(join(directory, 'doomed'));
    const next = await buildThrough(again.address);
    expectGood(next);
    expect(next.events).toEqual([]);
    await again.stop();
  });

  async function expectUploadsFail(proxy: FaultProxy, reason: string): Promise<void> {
    const result = await buildThrough(proxy.address);
    expectGood(result);
    expect(result.events).toContainEqual(expect.objectContaining({ event: 'fault', method: 'PUT', reason, status: 403 }));
    expect(result.events).not.toContainEqual(expect.objectContaining({ event: 'fault', method: 'GET' })); // reads have a breaker of their own
    await proxy.close();
  }
});

describe('upstream is not there:', () => {
  it('nothing listens; after three faults it is asked no more', async () => {
    const gone = await startFaultProxy(full.address, 'pass');
    await gone.close();
    const result = await buildThrough(gone.address);
    expectGood(result);
    expect(result.reasons).toContain('connect');
    expect(result.events.filter(({ event }) => event === 'open')).toHaveLength(2); // GET and PUT
  });

  it('its name does not resolve', async () => {
    const result = await buildThrough('http://cache.invalid');
    expectGood(result);
    expect(result.reasons).toContain('dns');
  });
});

describe('without the relay the same faults end the build:', () => {
  it.each([
    ['answers 503', 503],
    ['cuts the body off', 'truncate'],
    ['answers 200 with a page', 'page'],
  ] as const)('upstream %s', async (_, fault) => {
    const proxy = await startFaultProxy(full.address, fault);
    const result = await build(workspace, proxy.address);
    expect(result.exitCode).not.toBe(0);
    await proxy.close();
  });
});
