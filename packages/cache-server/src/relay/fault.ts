/**
 * Why an exchange with upstream came to nothing. The word stands in the log, the summary and `Cache-Status`. 'connect': no
 * connection, or one that was closed before an answer; 'timeout': no answer in time; 'slow': bytes drip; 'cut': half an answer.
 */
export type FaultReason =
  | 'connect' | 'dns' | 'tls' | 'timeout' | 'slow' | 'cut' | 'not-http' // the way to upstream
  | 'refused' | 'status' | 'redirect' | 'bad-request' // what it answered
  | 'corrupt' | 'no-digest' | 'unsigned' | 'bad-signature' | 'encoding' | 'too-large' // what it sent
  | 'client' | 'spool' | 'open'; // this side: nx went away, the disk, the circuit breaker

/** Faults of one entry, or of this machine: they tell nothing of the next exchange, so they do not open the circuit. */
const OF_ONE_ENTRY: FaultReason[] = ['corrupt', 'no-digest', 'unsigned', 'bad-signature', 'too-large', 'bad-request', 'client', 'spool', 'open'];

/**
 * A failed exchange with upstream. nx gets a miss for it.
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

  /** Whether the next exchange is likely to end in the same way. */
  get isOfUpstream(): boolean {
    return !OF_ONE_ENTRY.includes(this.reason);
  }
}

const BY_CODE: Record<string, FaultReason> = {
  ECONNREFUSED: 'connect', EHOSTUNREACH: 'connect', ENETUNREACH: 'connect', EADDRNOTAVAIL: 'connect', UND_ERR_CONNECT_TIMEOUT: 'connect', ETIMEDOUT: 'timeout',
  ENOTFOUND: 'dns', EAI_AGAIN: 'dns', EAI_FAIL: 'dns', EAI_NODATA: 'dns',
  UND_ERR_HEADERS_TIMEOUT: 'timeout', UND_ERR_BODY_TIMEOUT: 'slow',
  ECONNRESET: 'cut', EPIPE: 'cut', UND_ERR_SOCKET: 'cut', UND_ERR_CLOSED: 'cut', UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'cut', ABORT_ERR: 'client',
  ENOSPC: 'spool', EDQUOT: 'spool', EACCES: 'spool', ENOENT: 'spool', EIO: 'spool', EMFILE: 'spool', EROFS: 'spool',
};

/**
 * The fault that an error of undici, of TLS or of the spool amounts to. What is not known is a fault too: no error may reach nx.
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

/** OpenSSL and llhttp have a code for each of many causes. */
function byFamily(code: string): FaultReason {
  if (code.startsWith('HPE_')) return 'not-http';
  return /CERT|TLS|SSL|ISSUER|SIGNATURE/.test(code) ? 'tls' : 'cut';
}
