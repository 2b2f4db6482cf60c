import { Readable } from 'node:stream';
import { Agent, request, type Dispatcher } from 'undici';
import { ANSWERS, DIGEST_HEADER, ENTRY_PATH, formatReprDigest, parseReprDigest, SIGNATURE_HEADER } from '../protocol.ts';
import { Fault, faultOf } from './fault.ts';
import { startPace, type Limits, type Pace } from './pace.ts';
import { isSignedBy, signEntry, type Keys } from './signature.ts';
import { spool, type Spooled } from './spool.ts';

/** Where upstream is, and what is asked of it. */
export interface UpstreamOptions {
  /** `https://host`, perhaps with a path before `/v1/cache/`. */
  address: URL;
  token: string | undefined;
  keys: Keys;
  /** An entry without `Repr-Digest` is refused. */
  requireDigest: boolean;
  /** Directory for bodies in transit, and the bytes that one may have. */
  spoolDirectory: string;
  maxEntrySize: number;
  /** Milliseconds until there is a connection, TLS included. */
  connectTimeout: number;
  limits: Limits;
}

/** A server of the Nx protocol as the relay sees it: verified entries, or a Fault. */
export interface Upstream {
  /** @throws Fault */
  get(hash: string): Promise<Spooled | 'miss'>;
  /** Sends `body`, which stays the caller's to close. @throws Fault */
  put(hash: string, body: Spooled): Promise<200 | 409 | 403>;
  close(): Promise<void>;
}

/**
 * Connects to a server of the Nx self-hosted cache protocol. Redirects are not followed: the token is for this server only.
 *
 * @example
 * const upstream = connectUpstream({ address: new URL('https://cache.example.org'), … });
 */
export function connectUpstream(options: UpstreamOptions): Upstream {
  const { limits, keys } = options;
  // The pace has the time-outs; undici's own would be a second set of them.
  const dispatcher = new Agent({ connect: { timeout: options.connectTimeout }, headersTimeout: 0, bodyTimeout: 0 });
  const authorization = options.token === undefined ? {} : { authorization: `Bearer ${options.token}` };

  const exchange = async <T>(hash: string, send: Omit<Dispatcher.RequestOptions, 'origin' | 'path'>, use: (answer: Dispatcher.ResponseData, pace: Pace) => Promise<T>, pace: Pace): Promise<T> => {
    let isAnswered = false;
    try {
      const answer = await request(new URL(`${ENTRY_PATH}${hash}`, withSlash(options.address)), {
        ...send, dispatcher, signal: pace.signal, headers: { ...authorization, ...(send.headers as Record<string, string>) },
      });
      isAnswered = true;
      pace.answered();
      answer.body.on('error', () => {}); // a cut while nobody reads must not end this process
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
        'content-type': 'application/octet-stream', 'content-length': String(body.size), [DIGEST_HEADER]: formatReprDigest(body.sha256),
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

/** What can be refused before the body is read. */
function checkHeaders({ headers }: Dispatcher.ResponseData, { requireDigest, keys, maxEntrySize }: UpstreamOptions): void {
  const digest = parseReprDigest(field(headers[DIGEST_HEADER]));
  if (headers['content-encoding'] !== undefined) throw new Fault('encoding', `the body is encoded as ${field(headers['content-encoding'])}`);
  if (requireDigest && digest === undefined) throw new Fault('no-digest', 'the answer has no Repr-Digest with sha-256');
  if (keys.trusted.length > 0 && headers[SIGNATURE_HEADER] === undefined) throw new Fault('unsigned', 'the answer has no X-Entry-Signature');
  if (Number(headers['content-length'] ?? 0) > maxEntrySize) throw new Fault('too-large', `the entry has ${field(headers['content-length'])} bytes, at most ${maxEntrySize} are taken`);
  // A body that ends with its connection is whole or cut off: only a digest tells.
  if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined && digest === undefined) throw new Fault('no-digest', 'the answer has neither a length nor a Repr-Digest');
}

function verifyEntry(hash: string, { size, sha256 }: Spooled, { headers }: Dispatcher.ResponseData, { keys }: UpstreamOptions): void {
  const length = field(headers['content-length']);
  if (length !== undefined && Number(length) !== size) throw new Fault('cut', `${size} bytes arrived, Content-Length is ${length}`);
  const digest = parseReprDigest(field(headers[DIGEST_HEADER]));
  if (digest !== undefined && digest !== sha256) throw new Fault('corrupt', `the SHA-256 is ${sha256}, Repr-Digest says ${digest}`);
  if (keys.trusted.length > 0 && !isSignedBy(keys.trusted, hash, sha256, field(headers[SIGNATURE_HEADER]) ?? '')) throw new Fault('bad-signature', 'none of the trusted keys made X-Entry-Signature');
}

async function outcomeOfPut({ statusCode, body }: Dispatcher.ResponseData): Promise<200 | 409 | 403> {
  const isDeclined = statusCode === ANSWERS.forbidden || statusCode === ANSWERS.exists;
  if (!isDeclined && (statusCode < 200 || statusCode > 299)) throw unexpected(statusCode);
  await body.dump({ limit: 64 * 1024 });
  return isDeclined ? statusCode : ANSWERS.created;
}

function unexpected(status: number): Fault {
  if (status === 400) return new Fault('bad-request', 'upstream answered 400: it does not take this request');
  if (status === 413) return new Fault('too-large', 'upstream answered 413: the entry is larger than it takes');
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

function withSlash(address: URL): URL {
  return new URL(address.href.endsWith('/') ? address.href : `${address.href}/`);
}
