import { createHash, timingSafeEqual } from 'node:crypto';
import { Hono, type Context } from 'hono';
import { openBody, type Body } from '../body.ts';
import { ANSWERS, CACHE_STATUS_HEADER, ENTRY_PATH, failOpen, HASH_RULE, isHash } from '../protocol.ts';
import type { Breaker } from './breaker.ts';
import { Fault, faultOf } from './fault.ts';
import type { Report } from './report.ts';
import { spool, type Spooled } from './spool.ts';
import type { Tally } from './tally.ts';
import type { Upstream } from './upstream.ts';

/** The parts of a relay. */
export interface RelayParts {
  upstream: Upstream;
  reads: Breaker;
  writes: Breaker;
  /** What nx must present; undefined: anybody on this machine may use the relay. */
  token: string | undefined;
  spoolDirectory: string;
  maxEntrySize: number;
  report: Report;
  tally: Tally;
}

/**
 * The relay as a pure request → response handler. A GET is 200 or 404, a PUT 200, 403 or 409: nx goes on after each of these.
 *
 * @example
 * const response = await createRelayApp(parts).request('/v1/cache/1234');
 */
export function createRelayApp(parts: RelayParts): Hono {
  const { upstream, reads, writes, report, tally } = parts;
  const app = new Hono();

  app.get(`/${ENTRY_PATH}:hash`, async (context) => {
    try {
      const hash = admit(context);
      const entry = await reads.run(() => upstream.get(hash));
      if (entry === 'miss') {
        tally.misses++;
        return answer(ANSWERS.miss, `fwd=miss; fwd-status=${ANSWERS.miss}`);
      }
      tally.hits++;
      tally.bytesDown += entry.size;
      const headers = {
        'content-type': 'application/octet-stream', 'content-length': String(entry.size), [CACHE_STATUS_HEADER]: `${NAME}; fwd=miss; fwd-status=${ANSWERS.hit}`,
      };
      return new Response(entry.read(), { headers });
    } catch (error) {
      return failed(context, error);
    }
  });

  app.put(`/${ENTRY_PATH}:hash`, async (context) => {
    const body = openBody(context.req.raw.body);
    try {
      const hash = admit(context);
      const { status, size } = await writes.run(() => forward(hash, body));
      if (status === ANSWERS.created) tally.bytesUp += size;
      tally[status === ANSWERS.created ? 'uploads' : 'declined']++;
      return answer(status, `fwd=method; fwd-status=${status}`);
    } catch (error) {
      await body.drain(Infinity); // nx takes no answer before it has sent its whole body
      return failed(context, error);
    }
  });

  app.notFound((context) => answer(failOpen(context.req.method), 'detail=not-found'));
  app.onError((error, context) => failed(context, error));
  return app;

  /** The hash that is asked for. @throws Unauthorized, Fault */
  function admit(context: Context): string {
    const authorization = context.req.header('authorization') ?? '';
    if (parts.token !== undefined && !isSame(authorization, `Bearer ${parts.token}`)) throw new Unauthorized('the request has no token of this relay');
    const hash = context.req.param('hash') ?? '';
    if (!isHash(hash)) throw new Fault('client', `the hash is not ${HASH_RULE}`);
    return hash;
  }

  async function forward(hash: string, body: Body): Promise<{ status: 200 | 409 | 403; size: number }> {
    const entry = await spoolUpload(body, parts);
    try {
      return { status: await upstream.put(hash, entry), size: entry.size };
    } finally {
      await entry.close();
    }
  }

  function failed(context: Context, error: unknown): Response {
    const status = failOpen(context.req.method);
    const { reason, message } = error instanceof Unauthorized ? error : faultOf(error);
    tally.faults[reason] = (tally.faults[reason] ?? 0) + 1;
    const { method, path } = context.req;
    report({ level: reason === 'open' ? 'debug' : 'warn', event: 'fault', reason, method, hash: path.slice(path.lastIndexOf('/') + 1, 200), status, message });
    return answer(status, `fwd=${status === ANSWERS.miss ? 'miss' : 'method'}; detail=${reason}`);
  }
}

class Unauthorized extends Error {
  readonly reason = 'unauthorized';
}

const NAME = 'cache-server-relay';

/** An answer without a body; `Cache-Status` (RFC 9211) says why. */
function answer(status: number, cacheStatus: string): Response {
  return new Response(null, { status, headers: { [CACHE_STATUS_HEADER]: `${NAME}; ${cacheStatus}` } });
}

/** nx went away, or the disk of this machine is at fault: not upstream. */
async function spoolUpload({ stream }: Body, { spoolDirectory, maxEntrySize }: RelayParts): Promise<Spooled> {
  try {
    return await spool(stream, spoolDirectory, maxEntrySize);
  } catch (error) {
    const fault = faultOf(error);
    throw fault.isOfUpstream ? new Fault('client', `nx ended its upload: ${fault.message}`, error) : fault;
  }
}

/** In constant time, whatever the lengths. */
function isSame(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
