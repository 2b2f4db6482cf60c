import { createHash, timingSafeEqual } from 'node:crypto';
import { Hono, type Context } from 'hono';
import { getPath } from 'hono/utils/url';
import { openBody, type Body } from '../body.ts';
import { ANSWERS, CACHE_STATUS_HEADER, ENTRY_PATH, failOpen, HASH_RULE, isHash, routeOf } from '../protocol.ts';
import type { Breaker } from './breaker.ts';
import { Fault, faultOf } from './fault.ts';
import type { Report } from './report.ts';
import { spool, type Spooled } from './spool.ts';
import type { Tally } from './tally.ts';
import type { Upstream } from './upstream.ts';

/** Parts of the relay's request handler. */
export interface RelayParts {
  upstream: Upstream;
  reads: Breaker;
  writes: Breaker;
  /** Token that clients must present. Undefined: every user of this machine may use the relay. */
  token: string | undefined;
  spoolDirectory: string;
  maxEntrySize: number;
  report: Report;
  tally: Tally;
}

/**
 * The relay as a request handler without a port. It gives only answers after which Nx goes on: 200 or 404 to GET, 200, 403 or 409 to PUT.
 *
 * @example
 * const response = await createRelayApp(parts).request('/v1/cache/1234');
 */
export function createRelayApp(parts: RelayParts): Hono {
  const { upstream, reads, writes, report, tally } = parts;
  const app = new Hono({ getPath: (request) => routeOf(getPath(request)) });

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
        'content-type': 'application/octet-stream',
        'content-length': String(entry.size),
        [CACHE_STATUS_HEADER]: `${NAME}; fwd=miss; fwd-status=${ANSWERS.hit}`,
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
      await body.drain(Infinity); // Nx reads the answer only after it has sent the whole body
      return failed(context, error);
    }
  });

  app.notFound((context) => answer(failOpen(context.req.method), 'detail=not-found'));
  app.onError((error, context) => failed(context, error));
  return app;

  /** Checks the token and returns the hash. @throws Unauthorized, Fault */
  function admit(context: Context): string {
    const authorization = context.req.header('authorization') ?? '';
    const isAllowed = parts.token === undefined || isSame(authorization, `Bearer ${parts.token}`);
    if (!isAllowed) throw new Unauthorized('the request does not have the token of this relay');
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
    const hash = path.slice(path.lastIndexOf('/') + 1, 200);
    report({ level: reason === 'open' ? 'debug' : 'warn', event: 'fault', reason, method, hash, status, message });
    return answer(status, `fwd=${status === ANSWERS.miss ? 'miss' : 'method'}; detail=${reason}`);
  }
}

class Unauthorized extends Error {
  readonly reason = 'unauthorized';
}

const NAME = 'cache-server-relay';

/** An answer without a body. `Cache-Status` gives the reason. */
function answer(status: number, cacheStatus: string): Response {
  return new Response(null, { status, headers: { [CACHE_STATUS_HEADER]: `${NAME}; ${cacheStatus}` } });
}

/** Its faults are those of Nx or of the local disk, never of upstream. */
async function spoolUpload({ stream }: Body, { spoolDirectory, maxEntrySize }: RelayParts): Promise<Spooled> {
  try {
    const spooled = await spool(stream, spoolDirectory, maxEntrySize);
    if (spooled.formError === undefined) return spooled;
    await spooled.close();
    throw new Fault('form', spooled.formError.message, spooled.formError);
  } catch (error) {
    const fault = faultOf(error);
    throw fault.isOfUpstream ? new Fault('client', `Nx aborted the upload: ${fault.message}`, error) : fault;
  }
}

/** Compares in constant time, whatever the lengths. */
function isSame(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
