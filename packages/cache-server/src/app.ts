import { Hono } from 'hono';
import { getPath } from 'hono/utils/url';
import { decide, STATUS, type Grant, type Outcome, type Refusal } from './access/decide.ts';
import type { Limiter } from './access/limits.ts';
import { secretOf } from './access/tokens.ts';
import type { Activity } from './activity.ts';
import { openBody } from './body.ts';
import { createEntryCheck } from './check-entry.ts';
import { CorruptEntryError, isOfOneEntry, openEntry, type OpenEntry } from './entries.ts';
import { DigestError, TRAILER_SIZE, withTrailer } from './entry.ts';
import { FormError, formed } from './form.ts';
import {
  CACHE_STATUS_HEADER,
  DIGEST_HEADER,
  ENTRY_PATH,
  failOpen,
  formatReprDigest,
  formatSignature,
  parseReprDigest,
  parseSignature,
  routeOf,
  SIGNATURE_HEADER,
} from './protocol.ts';
import { BodySizeError, StoreFullError, type Store } from './stores/store.ts';

/** Parts of the server's request handler. */
export interface AppParts {
  store: Store;
  /** The namespace that may write a hash again whose entries an operator deleted. */
  trusted: string;
  /** The permissions of the client with this secret. Without a tokens file every client has all. */
  grantOf(secret: string | undefined): Grant | undefined;
  limiter: Limiter;
  /** Bytes. */
  maxEntrySize: number;
  failOpen: boolean;
  onActivity(activity: Activity): void;
  /** Metrics in the text format of Prometheus. */
  metrics(): Promise<string>;
  /** HTML. */
  page(): Promise<string>;
}

/** The connection of a request. */
export type Connection = {
  /** Address of the client. */
  address: string;
};

/** Result of a handler; `answer` completes it to an {@link Activity}. */
type Result = Pick<Activity, 'outcome'> & Partial<Activity> & { body?: ReadableStream<Uint8Array>; headers?: Record<string, string> };
type Checked = AppParts & { problemOf(entry: OpenEntry): Promise<string | undefined> };
type Call = { request: Request; hash: string; grant: Grant | undefined; client: string };

const CSP = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * The server as a request handler without a port: `GET`, `HEAD`, `PUT /v1/cache/{hash}` (Nx self-hosted remote cache), `/healthz`,
 * `/metrics`, `/`. Extra slashes and a prefix before the path change nothing.
 *
 * @example
 * const response = await createApp(parts).fetch(new Request('http://cache/v1/cache/123'), { address: '127.0.0.1' });
 */
export function createApp(parts: AppParts): Hono<{ Bindings: Connection }> {
  const app = new Hono<{ Bindings: Connection }>({ getPath: (request) => routeOf(getPath(request)) });
  const checked = { ...parts, problemOf: createEntryCheck() };
  app.all(`/${ENTRY_PATH}:hash`, (context) => answer(checked, context.req.raw, context.req.param('hash'), context.env.address));
  app.get('/healthz', async () => {
    try {
      await openEntry(parts.store, ['healthz'], 'healthz');
      return Response.json({ status: 'ok' });
    } catch {
      return Response.json({ status: 'store-down' }, { status: 503 });
    }
  });
  app.get('/metrics', async ({ req }) =>
    isKnown(parts, req.raw) ? new Response(await parts.metrics(), { headers: { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' } }) : askForToken(),
  );
  const pageHeaders = { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': CSP, 'Cache-Control': 'no-store' };
  app.get('/', async ({ req }) => (isKnown(parts, req.raw) ? new Response(await parts.page(), { headers: pageHeaders }) : askForToken()));
  app.notFound(() => new Response('not found\n', { status: 404 }));
  return app;
}

async function answer(parts: Checked, request: Request, hash: string, address: string): Promise<Response> {
  const started = performance.now();
  const grant = parts.grantOf(secretOf(request.headers.get('Authorization')));
  const client = `${grant?.name ?? ''} ${address}`;
  const { body, headers, ...result } = await handle(parts, { request, hash, grant, client });
  const { outcome } = result;
  const status = parts.failOpen ? failOpen(request.method, STATUS[outcome]) : STATUS[outcome];
  parts.onActivity({
    namespace: undefined,
    size: undefined,
    sha256: undefined,
    error: undefined,
    ...result,
    time: new Date(),
    method: request.method,
    status,
    token: grant?.name,
    address,
    hash,
    seconds: (performance.now() - started) / 1000,
  });
  const words = { hit: 'hit', miss: 'fwd=uri-miss', created: 'stored' } as Partial<Record<Outcome, string>>;
  const cacheStatus = `cache-server; ${words[outcome] ?? `detail=${outcome}`}`;
  // Other errors are of the store, and not for clients.
  const text = result.error instanceof FormError ? `${outcome}: ${result.error.message}\n` : `${outcome}\n`;
  return new Response(body ?? (status === 200 || request.method === 'HEAD' ? null : text), {
    status,
    headers: {
      [CACHE_STATUS_HEADER]: cacheStatus,
      ...(status === 401 ? { 'WWW-Authenticate': 'Bearer' } : status === 429 ? { 'Retry-After': '1' } : {}),
      // Connections that clients keep must not hold the last file descriptors.
      ...(outcome === 'store-down' ? { Connection: 'close' } : {}),
      ...headers,
    },
  });
}

async function handle(parts: Checked, call: Call): Promise<Result> {
  const { request, hash, grant, client } = call;
  const isPut = request.method === 'PUT';
  const body = openBody(isPut ? request.body : null);
  const contentLength = request.headers.get('Content-Length') ?? undefined;
  const signature = request.headers.get(SIGNATURE_HEADER) ?? undefined;
  const refusal = (await parts.limiter.request(client)) ?? decide({ method: request.method, hash, contentLength, signature }, grant, parts);
  try {
    const result: Result =
      refusal || !grant ? { outcome: refusal ?? 'unauthorized' } : isPut ? await put(parts, call, grant, body.stream) : await get(parts, call, grant);
    if (isPut && result.outcome !== 'created') await body.drain(parts.maxEntrySize);
    return result;
  } catch (error) {
    if (isPut) await body.drain(parts.maxEntrySize);
    return { outcome: reasonOf(error), error: error as Error };
  }
}

async function get({ store, problemOf }: Checked, { request, hash }: Call, grant: Grant): Promise<Result> {
  const entry = await openEntry(store, grant.reads, hash);
  if (!entry) return { outcome: 'miss' };
  try {
    const problem = await problemOf(entry);
    if (problem !== undefined) throw new CorruptEntryError(entry.key, problem);
  } catch (error) {
    await entry.close();
    throw error;
  }
  if (request.method === 'HEAD') await entry.close();
  else store.touch(entry.key, new Date()).catch(() => undefined); // harmless: the entry may be evicted a little early
  const sha256 = Buffer.from(entry.trailer.sha256).toString('hex');
  const headers: Record<string, string> = {
    'Content-Type': 'application/octet-stream',
    'Content-Length': String(entry.size),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    [DIGEST_HEADER]: formatReprDigest(sha256),
    ...(entry.trailer.signature ? { [SIGNATURE_HEADER]: formatSignature(entry.trailer.signature) } : {}),
  };
  const body = request.method === 'HEAD' ? {} : { body: entry.body() };
  return { outcome: 'hit', namespace: entry.key.namespace, size: entry.size, sha256, headers, ...body };
}

async function put({ store, limiter, trusted }: AppParts, { request, hash, client }: Call, grant: Grant, body: ReadableStream<Uint8Array>): Promise<Result> {
  const { namespace, reads } = grant;
  const size = Number(request.headers.get('Content-Length'));
  const about = { namespace, size };
  const there = await isThere(store, [...new Set([...reads, namespace])], hash);
  if (there) return { ...about, ...there };
  const requireNotDeleted = async (): Promise<void> => {
    if (namespace !== trusted && (await store.isRetired(hash))) throw new DeletedError('an operator deleted the entries of this hash');
  };
  await requireNotDeleted();
  const upload = await limiter.upload(client, size);
  if ('refusal' in upload) return { ...about, outcome: upload.refusal };
  const announced = parseReprDigest(request.headers.get(DIGEST_HEADER));
  let sha256: string | undefined;
  try {
    const sealed = withTrailer(formed(body), {
      signature: parseSignature(request.headers.get(SIGNATURE_HEADER) ?? ''),
      expected: announced === undefined ? undefined : Buffer.from(announced, 'hex'),
      onDigest: (digest) => {
        sha256 = Buffer.from(digest).toString('hex');
        return requireNotDeleted();
      },
    });
    const outcome = await store.create({ namespace, hash }, sealed, size + TRAILER_SIZE);
    return { ...about, sha256, outcome };
  } catch (error) {
    return { ...about, sha256, outcome: reasonOf(error), error: error as Error };
  } finally {
    upload.end();
  }
}

/** A corrupt entry counts as present: only an operator may remove it, not a client. */
async function isThere(store: Store, namespaces: string[], hash: string): Promise<{ outcome: 'exists'; error?: Error } | undefined> {
  try {
    const entry = await openEntry(store, namespaces, hash);
    await entry?.close();
    return entry && { outcome: 'exists' };
  } catch (error) {
    if (isOfOneEntry(error)) return { outcome: 'exists', error };
    throw error;
  }
}

/** An operator deleted the entries of this hash. */
class DeletedError extends Error {}

/** The refusal for an error. An error of the body means that the client disconnected. */
function reasonOf(error: unknown): Refusal {
  if (error instanceof StoreFullError) return 'disk-full';
  if (isOfOneEntry(error)) return 'corrupt';
  if (error instanceof FormError) return 'bad-body';
  if (error instanceof DeletedError) return 'deleted';
  if (error instanceof DigestError) return 'bad-digest';
  if (error instanceof BodySizeError || (error as Error).name === 'AbortError' || (error as { code?: string }).code === 'ECONNRESET') return 'short-body';
  return 'store-down';
}

function isKnown({ grantOf }: AppParts, request: Request): boolean {
  return grantOf(secretOf(request.headers.get('Authorization'))) !== undefined;
}

/** Makes a browser ask its user for the token as password. */
function askForToken(): Response {
  const headers = { 'WWW-Authenticate': 'Basic realm="cache-server", charset="UTF-8"' };
  return new Response('A token is required. In a browser, enter it as the password.\n', { status: 401, headers });
}
