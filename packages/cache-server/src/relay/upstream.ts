import { Readable } from 'node:stream';
import { Agent, request, type Dispatcher } from 'undici';
import { isPage } from '../form.ts';
import { ANSWERS, DIGEST_HEADER, entryUrl, formatReprDigest, parseReprDigest, SIGNATURE_HEADER } from '../protocol.ts';
import { Fault, faultOf } from './fault.ts';
import { startPace, type Limits, type Pace } from './pace.ts';
import { isSignedBy, signEntry, type Keys } from './signature.ts';
import { spool, type Spooled } from './spool.ts';

/** Address of upstream, and requirements for its entries. */
export interface UpstreamOptions {
  /** `https://host`, optionally with a path prefix and slashes at its end. */
  address: URL;
  token: string | undefined;
  keys: Keys;
  /** Refuse an entry without `Repr-Digest`. */
  requireDigest: boolean;
  /** Directory for bodies in transit. */
  spoolDirectory: string;
  /** Bytes. */
  maxEntrySize: number;
  /** Milliseconds for connecting, TLS included. */
  connectTimeout: number;
  limits: Limits;
}

/** Client of a cache server: gives verified entries, or throws a Fault. */
export interface Upstream {
  /** @throws Fault */
  get(hash: string): Promise<Spooled | 'miss'>;
  /** Sends `body`. The caller closes `body`. @throws Fault */
  put(hash: string, body: Spooled): Promise<200 | 409 | 403>;
  close(): Promise<void>;
}

/**
 * A client of a server that speaks Nx's self-hosted cache protocol. It follows no redirects, because the token is for this server only.
 *
 * @example
 * const upstream = connectUpstream({ address: new URL('https://cache.example.org'), … });
 */
export function connectUpstream(options: UpstreamOptions): Upstream {
  const { limits, keys } = options;
  // startPace has the time limits. undici's own ones are off.
  const dispatcher = new Agent({ connect: { timeout: options.connectTimeout }, headersTimeout: 0, bodyTimeout: 0 });
  const authorization = options.token === undefined ? {} : { authorization: `Bearer ${options.token}` };

  type Send = Omit<Dispatcher.RequestOptions, 'origin' | 'path'>;
  type Use<T> = (answer: Dispatcher.ResponseData, pace: Pace) => Promise<T>;
  const exchange = async <T>(hash: string, send: Send, use: Use<T>, pace: Pace): Promise<T> => {
    let isAnswered = false;
    try {
      const answer = await request(entryUrl(options.address, hash), {
        ...send,
        dispatcher,
        signal: pace.signal,
        headers: { ...authorization, ...(send.headers as Record<string, string>) },
      });
      isAnswered = true;
      pace.answered();
      answer.body.on('error', () => {}); // an error while nobody reads must not end this process
      try {
        return await use(answer, pace);
      } finally {
        answer.body.destroy();
      }
    } catch (error) {
      if (pace.signal.aborted) throw pace.signal.reason;
      const fault = faultOf(error);
      throw fault.reason === 'cut' && !isAnswered ? new Fault('connect', fault.message, fault) : fault;
    } finally {
      pace.stop();
    }
  };

  return {
    get(hash) {
      const pace = startPace(limits);
      pace.awaitAnswer();
      return exchange(hash, { method: 'GET', headers: { accept: 'application/octet-stream' } }, (answer) => receive(hash, answer, pace), pace);
    },
    put(hash, body) {
      const pace = startPace(limits);
      const headers = {
        'content-type': 'application/octet-stream',
        'content-length': String(body.size),
        [DIGEST_HEADER]: formatReprDigest(body.sha256),
        ...(keys.signing === undefined ? {} : { [SIGNATURE_HEADER]: signEntry(keys.signing, hash, body.sha256) }),
      };
      return exchange(hash, { method: 'PUT', headers, body: Readable.from(paced(body, pace), { objectMode: false }) }, outcomeOfPut, pace);
    },
    close: () => dispatcher.destroy(),
  };

  async function receive(hash: string, answer: Dispatcher.ResponseData, pace: Pace): Promise<Spooled | 'miss'> {
    if (answer.statusCode === ANSWERS.miss) {
      await answer.body.dump({ limit: 64 * 1024 }); // the connection can be used again
      return 'miss';
    }
    if (answer.statusCode !== ANSWERS.hit) throw unexpected(answer.statusCode);
    checkHeaders(answer, options);
    const spooled = await spool(answer.body, options.spoolDirectory, options.maxEntrySize, pace.moved);
    try {
      verifyEntry(hash, spooled, answer, options);
    } catch (error) {
      await spooled.close();
      throw error;
    }
    return spooled;
  }
}

/** Refuses an entry before its body is read. */
function checkHeaders({ headers }: Dispatcher.ResponseData, { requireDigest, keys, maxEntrySize }: UpstreamOptions): void {
  const digest = parseReprDigest(field(headers[DIGEST_HEADER]));
  if (headers['content-encoding'] !== undefined) throw new Fault('encoding', `the response has Content-Encoding ${field(headers['content-encoding'])}`);
  if (requireDigest && digest === undefined) throw new Fault('no-digest', 'the response has no Repr-Digest with sha-256');
  if (keys.trusted.length > 0 && headers[SIGNATURE_HEADER] === undefined) throw new Fault('unsigned', 'the response has no X-Entry-Signature');
  const length = field(headers['content-length']);
  if (Number(length ?? 0) > maxEntrySize) throw new Fault('too-large', `the entry has ${length} bytes, the limit is ${maxEntrySize}`);
  // The end of the connection ends such a body: without a digest, a cut body would look whole.
  const hasLength = length !== undefined || headers['transfer-encoding'] !== undefined;
  if (!hasLength && digest === undefined) throw new Fault('no-digest', 'the response has neither a length nor a Repr-Digest');
}

function verifyEntry(hash: string, { size, sha256, formError }: Spooled, { headers }: Dispatcher.ResponseData, { keys }: UpstreamOptions): void {
  const length = field(headers['content-length']);
  if (length !== undefined && Number(length) !== size) throw new Fault('cut', `received ${size} bytes, Content-Length is ${length}`);
  const digest = parseReprDigest(field(headers[DIGEST_HEADER]));
  if (digest !== undefined && digest !== sha256) throw new Fault('corrupt', `the body has SHA-256 ${sha256}, Repr-Digest has ${digest}`);
  const isSigned = keys.trusted.length === 0 || isSignedBy(keys.trusted, hash, sha256, field(headers[SIGNATURE_HEADER]) ?? '');
  if (!isSigned) throw new Fault('bad-signature', 'no trusted key made the X-Entry-Signature');
  // With its digest a page is an entry that was stored by mistake; without one, a proxy or a sign-in answers every request so.
  if (formError) throw new Fault(formError.isPage && digest === undefined ? 'page' : 'form', formError.message, formError);
}

async function outcomeOfPut({ statusCode, body }: Dispatcher.ResponseData): Promise<200 | 409 | 403> {
  const isDeclined = statusCode === ANSWERS.forbidden || statusCode === ANSWERS.exists;
  if (!isDeclined && (statusCode < 200 || statusCode > 299)) throw unexpected(statusCode);
  if (isPage(await startOf(body))) throw new Fault('page', `upstream answered ${statusCode} with a page: a proxy or a sign-in, and no cache server`);
  return isDeclined ? statusCode : ANSWERS.created;
}

/** The first bytes of a short answer, which is read to its end, so that the connection can be used again. */
async function startOf(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  let [start, size]: [Uint8Array, number] = [Buffer.alloc(0), 0];
  for await (const chunk of body) {
    if (size === 0) start = chunk.slice(0, 64);
    if ((size += chunk.length) > 64 * 1024) break;
  }
  return start;
}

function unexpected(status: number): Fault {
  if (status === 400) return new Fault('bad-request', 'upstream answered 400: it rejects this request');
  if (status === 413) return new Fault('too-large', 'upstream answered 413: the entry exceeds its size limit');
  const reason = status === 401 || status === 403 ? 'refused' : status >= 300 && status < 400 ? 'redirect' : 'status';
  return new Fault(reason, `upstream answered ${status}`);
}

async function* paced(body: Spooled, pace: Pace): AsyncGenerator<Uint8Array> {
  for await (const chunk of body.read()) {
    yield chunk;
    pace.moved(chunk.length);
  }
  pace.awaitAnswer();
}

function field(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value;
}
