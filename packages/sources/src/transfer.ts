import { BuildError, type Step } from '@container-os/core';
import { createWriteStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { request, type Dispatcher } from 'undici';
import type { SourceFile } from './receipt.ts';

/** How {@link transfer} reaches a server. */
export interface TransferContext {
  log: Step;
  signal: AbortSignal;
  dispatcher: Dispatcher;
  /** Milliseconds without a byte until a connection counts as dead. */
  stalled: number;
  headers?: HeadersOf | undefined;
  /** The most bytes of a file whose size is not pinned. */
  limit?: number | undefined;
  /** A form, which makes it a POST without redirects. */
  form?: string | undefined;
}

/**
 * Headers of a request to `url`; after an answer 401, once more with its `challenge`, the field WWW-Authenticate. They are never sent to where
 * a server redirects to.
 */
export type HeadersOf = (url: URL, challenge?: string) => Promise<Record<string, string>>;

/**
 * Appends to `partial` what is missing of `file`, or writes it anew where the server knows no ranges.
 * Says nothing about the bytes: verify them.
 *
 * @throws BuildError SOURCE_GONE (404, 410), HTTP_ERROR (any other answer), NETWORK_UNREACHABLE,
 * NETWORK_STALLED, DOWNLOAD_TRUNCATED (cut), CHECKSUM_MISMATCH (longer than pinned), and the file system's own.
 */
export async function transfer(file: SourceFile, url: string, partial: string, context: TransferContext): Promise<void> {
  const have = await sizeOf(partial);
  if (file.size !== undefined && have >= file.size) return;
  let begun = false;
  try {
    const { statusCode, headers, body } = await get(url, have, context);
    if (statusCode !== 200 && statusCode !== 206) {
      await body.dump();
      throw await unexpected(statusCode, headers, url, partial);
    }
    begun = true;
    const start = statusCode === 206 ? have : 0;
    const range = String(headers['content-range'] ?? '');
    if (statusCode === 206 && !range.startsWith(`bytes ${have}-`)) throw await unexpected(416, headers, url, partial);
    const length = Number(headers['content-length'] ?? Number.NaN);
    const progress = context.log.progress(file.name, file.size ?? (Number.isNaN(length) ? 0 : start + length), 'bytes');
    let done = start;
    const count = new Transform({
      transform(chunk: Buffer, _encoding, next) {
        progress.update((done += chunk.length));
        const most = file.size ?? context.limit ?? Infinity;
        const what = file.size === undefined ? 'longer than the allowed' : 'longer than the pinned';
        if (done > most) next(new BuildError('CHECKSUM_MISMATCH', `${redact(url)}: ${what} ${most} bytes`, { hint: MISMATCH_HINT }));
        else next(null, chunk);
      },
    });
    await pipeline(body, count, createWriteStream(partial, { flags: start > 0 ? 'a' : 'w' })).finally(() => progress.stop());
  } catch (error) {
    context.signal.throwIfAborted();
    throw explain(error, url, begun);
  }
}

export const NETWORK_HINT = 'Check the network, the proxy settings and the mirror, then run the same command again: the download continues where it stopped.';
export const MISMATCH_HINT = 'The origin or a proxy serves other bytes than were pinned. Only if the change is meant, pin it: run the target update-sources.';

/** GET from byte `have` on, with up to five redirects (releases on GitHub redirect). A URL's user and password go to its own host only. */
export async function get(url: string, have: number, context: Omit<TransferContext, 'log'>): Promise<Dispatcher.ResponseData> {
  const { dispatcher, signal, stalled, headers: headersOf, form } = context;
  const range: Record<string, string> = have > 0 ? { range: `bytes=${have}-` } : {};
  const post = form === undefined ? {} : { method: 'POST' as const, body: form };
  const type: Record<string, string> = form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' };
  const ask = (target: URL, own: Record<string, string>): Promise<Dispatcher.ResponseData> => {
    const headers = { ...range, ...type, ...own, ...authorizationIn(target) };
    return request(target, { ...post, dispatcher, signal, headers, headersTimeout: stalled, bodyTimeout: stalled });
  };
  let target = new URL(url);
  let response = await ask(target, (await headersOf?.(target)) ?? {});
  const challenge = response.headers['www-authenticate'];
  if (response.statusCode === 401 && headersOf && challenge !== undefined) {
    await response.body.dump();
    response = await ask(target, await headersOf(target, [challenge].flat().join(', ')));
  }
  for (let hop = 0; hop < 5; hop++) {
    const { location } = response.headers;
    if (response.statusCode < 300 || response.statusCode >= 400 || typeof location !== 'string' || form !== undefined) return response;
    await response.body.dump();
    target = new URL(location, target);
    response = await ask(target, {});
  }
  throw new BuildError('HTTP_ERROR', `${redact(url)}: more than five redirects`, { hint: NETWORK_HINT });
}

function authorizationIn({ username, password }: URL): Record<string, string> {
  const secret = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64');
  return username ? { authorization: `Basic ${secret}` } : {};
}

/** A server that is busy for now. */
export class ServerBusy extends BuildError {
  /** Milliseconds that the server asks to wait. */
  readonly wait: number;

  constructor(message: string, wait: number) {
    super('SERVER_BUSY', message, { hint: NETWORK_HINT });
    this.wait = wait;
  }
}

/** The error of an answer that is not 200 or 206. */
export async function unexpected(status: number, headers: Dispatcher.ResponseData['headers'], url: string, partial?: string): Promise<BuildError> {
  if (status === 404 || status === 410) return new BuildError('SOURCE_GONE', `${redact(url)}: status ${status}`);
  if (status === 401 || status === 403) return new BuildError('ACCESS_DENIED', `${redact(url)}: status ${status}, expected 200`, { hint: ACCESS_HINT });
  // Range Not Satisfiable: what is here is no beginning of what is there.
  if (status === 416 && partial !== undefined) await rm(partial, { force: true });
  if (status < 500 && status !== 408 && status !== 416 && status !== 429)
    return new BuildError('HTTP_ERROR', `${redact(url)}: status ${status}, expected 200`, { hint: NETWORK_HINT });
  const wait = retryAfter(headers['retry-after']);
  const asked = wait > 0 ? `; the server asks to wait ${Math.ceil(wait / 1000)} s` : '';
  return new ServerBusy(`${redact(url)}: status ${status}, expected 200${asked}`, wait);
}

/** Milliseconds of a field Retry-After: seconds, or a date. Source: RFC 9110, 10.2.3. */
function retryAfter(field: string | string[] | undefined): number {
  const text = [field ?? ''].flat()[0] ?? '';
  const wait = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isFinite(wait) ? Math.max(0, wait) : 0;
}

const ACCESS_HINT = 'The server wants a credential that it was not given, or refuses the one that it got.';

const UNREACHABLE = new Set(['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'ENETUNREACH', 'EHOSTUNREACH', 'ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT']);
const STALLED = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);

/** Nobody vouches for the server's certificate, or it is another's or too old. Source: nodejs.org, tls, "X509 certificate error codes". */
const CERTIFICATE = /CERT|^UNABLE_TO_(GET|VERIFY)/;
const CERTIFICATE_HINT =
  'Trust the authority that signed it: NODE_EXTRA_CA_CERTS=<file of its certificate>. If the name or the date is wrong, tell those who run the server.';

/** Names what the network did; what the file system did stays as it is. */
export function explain(error: unknown, url: string, begun: boolean): unknown {
  const { code = '', syscall, message } = error as NodeJS.ErrnoException;
  if (error instanceof BuildError || syscall === 'open' || syscall === 'write' || syscall === 'close') return error;
  if (CERTIFICATE.test(code)) return new BuildError('CERTIFICATE_REFUSED', `${redact(url)}: ${message}`, { cause: error, hint: CERTIFICATE_HINT });
  const as = (name: string, what: string): BuildError => new BuildError(name, `${redact(url)}: ${what}`, { cause: error, hint: NETWORK_HINT });
  if (UNREACHABLE.has(code)) return as('NETWORK_UNREACHABLE', message || code);
  if (STALLED.has(code)) return as('NETWORK_STALLED', 'the server stopped sending');
  return begun ? as('DOWNLOAD_TRUNCATED', `the connection was cut (${message})`) : as('NETWORK_UNREACHABLE', message || code);
}

/** A URL without its user and password. */
export function redact(url: string): string {
  return url.replace(/^(\w+:\/\/)[^/?#]*@/, '$1');
}

/** Bytes of a file; 0 when it is not there. */
export function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}
