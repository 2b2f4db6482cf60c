import { ANSWERS, isHash, parseSignature } from '../protocol.ts';
import type { Token } from './tokens.ts';

/** The permissions of a client. A client without a valid token has none (`undefined`). */
export type Grant = Pick<Token, 'name' | 'scope' | 'namespace' | 'reads'>;

/** The reason for a refusal. A short, fixed list, because a metric has these as labels. */
export type Refusal =
  | 'unauthorized'
  | 'read-only'
  | 'bad-hash'
  | 'length-required'
  | 'bad-length'
  | 'bad-signature'
  | 'bad-digest'
  | 'bad-body'
  | 'deleted'
  | 'too-large'
  | 'too-many-requests'
  | 'too-many-uploads'
  | 'too-many-bytes'
  | 'short-body'
  | 'disk-full'
  | 'store-down'
  | 'corrupt'
  | 'not-found'
  | 'method-not-allowed';

/** The outcome of a request for an entry. */
export type Outcome = keyof Omit<typeof ANSWERS, 'forbidden'> | Refusal;

/** The status of each outcome; decision 0006 has the table. */
export const STATUS: Record<Outcome, number> = {
  ...ANSWERS,
  unauthorized: 401,
  'read-only': ANSWERS.forbidden,
  'bad-hash': 400,
  'length-required': 411,
  'bad-length': 400,
  'bad-signature': 400,
  'bad-digest': 400,
  'bad-body': 400,
  deleted: ANSWERS.forbidden,
  'too-large': 413,
  'too-many-requests': 429,
  'too-many-uploads': 429,
  'too-many-bytes': 429,
  'short-body': 400,
  'disk-full': 507,
  'store-down': 503,
  corrupt: ANSWERS.miss,
  'not-found': ANSWERS.miss,
  'method-not-allowed': 405,
};

/** The head of a request for an entry. */
export interface Ask {
  method: string;
  hash: string;
  contentLength: string | undefined;
  signature: string | undefined;
}

/**
 * Why a request for an entry is refused, judged by its head alone; undefined when it may go on.
 *
 * @example
 * decide({ method: 'PUT', hash: '123', contentLength: '5', signature: undefined }, reader, { maxEntrySize: 10 }); // 'read-only'
 */
export function decide(ask: Ask, grant: Grant | undefined, limits: { maxEntrySize: number }): Refusal | undefined {
  if (!grant) return 'unauthorized';
  if (!isHash(ask.hash)) return 'bad-hash';
  if (ask.method === 'GET' || ask.method === 'HEAD') return undefined;
  if (ask.method !== 'PUT') return 'method-not-allowed';
  if (grant.scope !== 'read-write') return 'read-only';
  if (ask.contentLength === undefined) return 'length-required';
  if (!/^\d{1,15}$/.test(ask.contentLength)) return 'bad-length';
  if (Number(ask.contentLength) > limits.maxEntrySize) return 'too-large';
  if (ask.signature !== undefined && !parseSignature(ask.signature)) return 'bad-signature';
  return undefined;
}
