/**
 * Why an exchange with upstream failed, as shown in the log, the summary and `Cache-Status`. docs/relay.md explains each reason.
 */
export type FaultReason =
  | 'connect'
  | 'dns'
  | 'tls'
  | 'timeout'
  | 'slow'
  | 'cut'
  | 'not-http'
  | 'page' // the network
  | 'refused'
  | 'status'
  | 'redirect'
  | 'bad-request' // the status
  | 'corrupt'
  | 'no-digest'
  | 'unsigned'
  | 'bad-signature'
  | 'encoding'
  | 'form'
  | 'too-large' // the entry
  | 'client'
  | 'spool'
  | 'open'; // this side: Nx closed its connection, the disk, the circuit breaker

/** Faults of one entry, one request or this machine. They predict nothing about the next exchange, so they do not open the circuit. */
const NOT_OF_UPSTREAM: FaultReason[] = ['corrupt', 'form', 'no-digest', 'unsigned', 'bad-signature', 'too-large', 'bad-request', 'client', 'spool', 'open'];

/**
 * A failed exchange with upstream. Nx sees a miss.
 *
 * @example
 * throw new Fault('status', 'upstream answered 503');
 */
export class Fault extends Error {
  override readonly name = 'Fault';
  readonly reason: FaultReason;

  constructor(reason: FaultReason, message: string, cause?: unknown) {
    super(message, { cause });
    this.reason = reason;
  }

  /** Whether the next exchange is likely to fail as well. */
  get isOfUpstream(): boolean {
    return !NOT_OF_UPSTREAM.includes(this.reason);
  }
}

const BY_CODE: Record<string, FaultReason> = {
  ECONNREFUSED: 'connect',
  EHOSTUNREACH: 'connect',
  ENETUNREACH: 'connect',
  EADDRNOTAVAIL: 'connect',
  UND_ERR_CONNECT_TIMEOUT: 'connect',
  ETIMEDOUT: 'timeout',
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  EAI_FAIL: 'dns',
  EAI_NODATA: 'dns',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'slow',
  ECONNRESET: 'cut',
  EPIPE: 'cut',
  UND_ERR_SOCKET: 'cut',
  UND_ERR_CLOSED: 'cut',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'cut',
  ABORT_ERR: 'client',
  ENOSPC: 'spool',
  EDQUOT: 'spool',
  EACCES: 'spool',
  ENOENT: 'spool',
  EIO: 'spool',
  EMFILE: 'spool',
  EROFS: 'spool',
};

/**
 * Translates an error of undici, TLS or the spool. An unknown error is a fault, too: no error may reach Nx.
 *
 * @example
 * faultOf(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })).reason; // 'connect'
 */
export function faultOf(error: unknown): Fault {
  if (error instanceof Fault) return error;
  if (!(error instanceof Error)) return new Fault('cut', String(error));
  const code = (error as NodeJS.ErrnoException).code ?? error.name;
  return new Fault(BY_CODE[code] ?? byFamily(code), error.message || code, error);
}

/** OpenSSL and llhttp have many codes. */
function byFamily(code: string): FaultReason {
  if (code.startsWith('HPE_')) return 'not-http';
  return /CERT|TLS|SSL|ISSUER|SIGNATURE/.test(code) ? 'tls' : 'cut';
}
