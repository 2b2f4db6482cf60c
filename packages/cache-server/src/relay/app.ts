import { createHash, timingSafeEqual } from 'node:crypto';
import { Hono, type Context } from 'hono';
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

const HASH = /^[A-Za-z0-9_-]{1,128}$/;

/**
 * The relay as a pure request → response handler. A GET is 200 or 404, a PUT 200, 403 or 409: nx goes on after each of these.
 *
 * @example
 * const response = await createRelayApp(parts).request('/v1/cache/1234');
 */
export function createRelayApp(parts: RelayParts): Hono {
  const { upstream, reads, writes, report, tally } = parts;
  const app = new Hono();

  app.get('/v1/cache/:hash', async (context) => {
    try {
      const hash = admit(context);
      const entry = await reads.run(() => upstream.get(hash));
      if (entry === 'miss') {
        tally.misses++;
        return answer(404, 'fwd=miss; fwd-status=404');
      }
      tally.hits++;
      tally.bytesDown += entry.size;
      const headers = { 'content-type': 'application/octet-stream', 'content-length': String(entry.size), 'cache-status': `${NAME}; fwd=miss; fwd-status=200` };
      return new Response(entry.read(), { headers });
    } catch (error) {
      return failed(context, 404, error);
    }
  });

  app.put('/v1/cache/:hash', async (context) => {
    const body = context.req.raw.body ?? new ReadableStream<Uint8Array>({ start: (controller) => controller.close() });
    try {
      const hash = admit(context);
      const { status, size } = await writes.run(() => forward(hash, body));
      if (status === 200) tally.bytesUp += size;
      tally[status === 200 ? 'uploads' : 'declined']++;
      return answer(status, `fwd=method; fwd-status=${status}`);
    } catch (error) {
      await drain(body);
      return failed(context, 403, error);
    }
  });

  app.notFound((context) => answer(context.req.method === 'PUT' ? 403 : 404, 'detail=not-found'));
  app.onError((error, context) => failed(context, context.req.method === 'PUT' ? 403 : 404, error));
  return app;

  /** The hash that is asked for. @throws Unauthorized, Fault */
  function admit(context: Context): string {
    if (parts.token !== undefined && !isSame(context.req.header('authorization') ?? '', `Bearer ${parts.token}`)) throw new Unauthorized('the token is not that of this relay');
    const hash = context.req.param('hash') ?? '';
    if (!HASH.test(hash)) throw new Fault('client', 'the hash has other characters than letters, digits, - and _, or more than 128');
    return hash;
  }

  async function forward(hash: string, body: ReadableStream<Uint8Array>): Promise<{ status: 200 | 409 | 403; size: number }> {
    const entry = await spoolUpload(body, parts);
    try {
      return { status: await upstream.put(hash, entry), size: entry.size };
    } finally {
      await entry.close();
    }
  }

  function failed(context: Context, status: 404 | 403, error: unknown): Response {
    const { reason, message } = error instanceof Unauthorized ? error : faultOf(error);
    tally.faults[reason] = (tally.faults[reason] ?? 0) + 1;
    const { method, path } = context.req;
    report({ level: reason === 'open' ? 'debug' : 'warn', event: 'fault', reason, method, hash: path.slice(path.lastIndexOf('/') + 1, 200), status, message });
    return answer(status, `fwd=${status === 404 ? 'miss' : 'method'}; detail=${reason}`);
  }
}

class Unauthorized extends Error {
  readonly reason = 'unauthorized';
}

const NAME = 'cache-server-relay';

/** An answer without a body; `Cache-Status` (RFC 9211) says why. */
function answer(status: number, cacheStatus: string): Response {
  return new Response(null, { status, headers: { 'cache-status': `${NAME}; ${cacheStatus}` } });
}

/** nx went away, or the disk of this machine is at fault: not upstream. */
async function spoolUpload(body: ReadableStream<Uint8Array>, { spoolDirectory, maxEntrySize }: RelayParts): Promise<Spooled> {
  try {
    return await spool(body.values({ preventCancel: true }), spoolDirectory, maxEntrySize);
  } catch (error) {
    const fault = faultOf(error);
    throw fault.isOfUpstream ? new Fault('client', `nx ended its upload: ${fault.message}`, error) : fault;
  }
}

/** nx takes an answer only when it could send all of its body. */
async function drain(body: ReadableStream<Uint8Array>): Promise<void> {
  try {
    for await (const _ of body.values()) continue;
  } catch {
    // There is nobody left to answer.
  }
}

/** In constant time, whatever the lengths. */
function isSame(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
