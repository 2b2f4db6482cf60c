import { createWriteStream } from 'node:fs';
import { isIP } from 'node:net';
import { pino } from 'pino';
import { createLimiter } from './access/limits.ts';
import { findToken, watchTokens } from './access/tokens.ts';
import type { Grant } from './access/decide.ts';
import { auditLine, createRecent, isRefused, type Activity } from './activity.ts';
import { createApp } from './app.ts';
import type { Settings } from './config/config.ts';
import { programName } from './config/program.ts';
import { parseDuration, parseSize } from './config/units.ts';
import { UsageError } from './errors.ts';
import { startHousekeeper } from './house-keeping/housekeeper.ts';
import { listen, type Listening } from './listen.ts';
import { createMetrics } from './metrics.ts';
import { renderPage } from './page.ts';
import { openStore } from './open-store.ts';

/**
 * Starts a server with all its parts.
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
  const grantOf = grants(settings, (error) => log.error({ err: error }, 'cannot reload the tokens file; the previous tokens stay valid'));
  const [metrics, recent] = [createMetrics(), createRecent()];
  const audit = settings.auditLog === undefined ? undefined : createWriteStream(settings.auditLog, { flags: 'a', mode: 0o600 });
  audit?.on('error', (error) => log.error({ err: error }, 'cannot write the audit log'));
  const keeper = startHousekeeper(store, limits, parseDuration(settings.evictEvery), {
    swept: (sweep) => {
      metrics.stored(sweep.entries, sweep.bytes);
      metrics.evicted(sweep.evicted, sweep.evictedBytes);
      log[sweep.stuck !== undefined ? 'warn' : sweep.evicted > 0 ? 'info' : 'debug'](sweep, 'eviction finished');
    },
    failed: (error) => log.error({ err: error }, 'the eviction failed'),
  });
  const onActivity = (activity: Activity): void => {
    metrics.add(activity);
    recent.add(activity);
    const line = auditLine(activity);
    if (line !== undefined) audit?.write(line);
    if (activity.outcome === 'created') keeper.added(activity.size ?? 0);
    if (activity.outcome === 'disk-full') keeper.needed();
    const { error, hash, time: _, ...rest } = activity;
    log[isRefused(activity.outcome) || error ? 'warn' : 'info']({ ...rest, hash: hash.slice(0, 128), ...(error ? { err: error } : {}) }, activity.outcome);
  };
  const app = createApp({
    store,
    trusted: settings.namespace,
    grantOf,
    onActivity,
    failOpen: settings.failOpen,
    maxEntrySize: parseSize(settings.maxEntrySize),
    limiter: createLimiter({ ...settings, uploadPerMinute: parseSize(settings.uploadPerMinute) }),
    metrics: () => metrics.text(),
    page: async () => renderPage({ ...(await keeper.fresh()), ...recent, refusals: recent.refusals(), maxSize: limits.maxSize, now: new Date() }),
  });
  const listening = await listen(
    (request, connection) => app.fetch(request, connection),
    {
      ...settings,
      headerTimeout: parseDuration(settings.headerTimeout),
      idleTimeout: parseDuration(settings.idleTimeout),
      keepAliveTimeout: parseDuration(settings.keepAliveTimeout),
      minRate: parseSize(settings.minRate),
      gracePeriod: parseDuration(settings.gracePeriod),
    },
    metrics,
  );
  log.info({ url: listening.url }, 'listening');
  return {
    url: listening.url,
    async close() {
      await listening.close();
      await keeper.stop();
      await new Promise<void>((resolve) => (audit ? audit.end(resolve) : resolve()));
      log.info('closed');
    },
  };
}

/** Permissions by the tokens file. Without one, every client may do everything in one namespace. */
function grants(settings: Settings, onError: (error: unknown) => void): (secret: string | undefined) => Grant | undefined {
  const { tokens: file, namespace } = settings;
  if (file === undefined) return () => ({ name: 'anonymous', scope: 'read-write', namespace, reads: [namespace] });
  const tokens = watchTokens(file, onError);
  return (secret) => (secret === undefined ? undefined : findToken(tokens(), secret, new Date()));
}

function requireTokens({ host, tokens }: Settings): void {
  const isLoopback = host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
  if (tokens !== undefined || isLoopback) return;
  throw new UsageError(
    'TOKENS_REQUIRED',
    `host ${host} is not loopback and no tokens file is set: every client could write entries`,
    `Create a tokens file with ${programName()} token create --tokens <file> --name <name>, then set --tokens <file>.`,
  );
}
