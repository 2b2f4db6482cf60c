import { createWriteStream } from 'node:fs';
import { isIP } from 'node:net';
import { pino } from 'pino';
import { createLimiter } from './access/limits.ts';
import { findToken, watchTokens } from './access/tokens.ts';
import type { Grant } from './access/decide.ts';
import { auditLine, createRecent, isRefused, type Activity } from './activity.ts';
import { createApp } from './app.ts';
import type { Settings } from './config/config.ts';
import { parseDuration, parseSize } from './config/units.ts';
import { UsageError } from './errors.ts';
import { startHousekeeper } from './house-keeping/housekeeper.ts';
import { listen, type Listening } from './listen.ts';
import { createMetrics } from './metrics.ts';
import { renderPage } from './page.ts';
import { openStore } from './open-store.ts';

/**
 * A running server: everything of this package put together.
 *
 * @example
 * const server = await startServer(loadConfig('serve', ['--port', '0'], {}).settings);
 * await server.close();
 */
export async function startServer(settings: Settings): Promise<Listening> {
  requireTokens(settings);
  const log = pino({ level: settings.logLevel, base: null });
  const limits = { maxSize: parseSize(settings.maxSize), maxAge: parseDuration(settings.maxAge) };
  const store = await openStore(settings, (message) => log.warn(message));
  const grantOf = grants(settings, (error) => log.error({ err: error }, 'the file of tokens was not read again'));
  const [metrics, recent] = [createMetrics(), createRecent()];
  const audit = settings.auditLog === undefined ? undefined : createWriteStream(settings.auditLog, { flags: 'a', mode: 0o600 });
  audit?.on('error', (error) => log.error({ err: error }, 'the audit log was not written'));
  const keeper = startHousekeeper(store, limits, parseDuration(settings.evictEvery), {
    swept: (sweep) => {
      metrics.stored(sweep.entries, sweep.bytes);
      metrics.evicted(sweep.evicted, sweep.evictedBytes);
      log[sweep.evicted > 0 ? 'info' : 'debug'](sweep, 'swept');
    },
    failed: (error) => log.error({ err: error }, 'the store was not swept'),
  });
  const onActivity = (activity: Activity): void => {
    metrics.add(activity);
    recent.add(activity);
    const line = auditLine(activity);
    if (line !== undefined) audit?.write(line);
    if (activity.outcome === 'created') keeper.added(activity.size ?? 0);
    if (activity.outcome === 'disk-full') keeper.needed();
    const { error, hash, time: _, ...rest } = activity;
    log[isRefused(activity.outcome) ? 'warn' : 'info']({ ...rest, hash: hash.slice(0, 128), ...(error ? { err: error } : {}) }, activity.outcome);
  };
  const app = createApp({
    store, grantOf, onActivity, failOpen: settings.failOpen, maxEntrySize: parseSize(settings.maxEntrySize),
    limiter: createLimiter({ ...settings, uploadPerMinute: parseSize(settings.uploadPerMinute) }),
    metrics: () => metrics.text(),
    page: async () => renderPage({ ...await keeper.fresh(), ...recent, refusals: recent.refusals(), maxSize: limits.maxSize, now: new Date() }),
  });
  const listening = await listen((request, connection) => app.fetch(request, connection), {
    ...settings, headerTimeout: parseDuration(settings.headerTimeout), idleTimeout: parseDuration(settings.idleTimeout),
    minRate: parseSize(settings.minRate), gracePeriod: parseDuration(settings.gracePeriod),
  }, metrics);
  log.info({ url: listening.url }, 'listening');
  return { url: listening.url, async close() {
    await listening.close();
    await keeper.stop();
    await new Promise<void>((resolve) => (audit ? audit.end(resolve) : resolve()));
    log.info('closed');
  } };
}

/** Who may do what: by the file of tokens, or everybody on this machine everything. */
function grants(settings: Settings, onError: (error: unknown) => void): (secret: string | undefined) => Grant | undefined {
  const { tokens: file, namespace } = settings;
  if (file === undefined) return () => ({ name: 'anonymous', scope: 'read-write', namespace, reads: [namespace] });
  const tokens = watchTokens(file, onError);
  return (secret) => (secret === undefined ? undefined : findToken(tokens(), secret, new Date()));
}

function requireTokens({ host, tokens }: Settings): void {
  const isLoopback = host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
  if (tokens !== undefined || isLoopback) return;
  throw new UsageError('TOKENS_REQUIRED', `host ${host} is not loopback, and there is no file of tokens: everybody could write`, 'Make one with cache-server token create, then give it as --tokens.');
}
