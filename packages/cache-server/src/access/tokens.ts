import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { UsageError } from '../errors.ts';
import { isNamespace } from '../protocol.ts';

/** What a token stands for. The token itself is nowhere: only its SHA-256. */
export interface Token {
  /** For logs; unique in the file. */
  name: string;
  /** Of the token, 64 hexadecimal digits. No slow hash is needed for 256 random bits. */
  sha256: string;
  scope: 'read' | 'read-write';
  /** The namespace it writes. */
  namespace: string;
  /** The namespaces it reads, in this order. */
  reads: string[];
  /** ISO 8601; after it the token is refused. */
  expires?: string;
}

/** {@link isTokenName} in words. */
export const TOKEN_NAME_RULE = '1 to 64 of A-Z, a-z, 0-9, ".", "_" and "-", beginning with a letter or digit';

/** Whether `text` may be the name of a token. */
export const isTokenName = (text: string): boolean => /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(text);

const NAMESPACE = { type: 'string', format: 'namespace' };
const validate = new Ajv({ formats: { 'namespace': isNamespace, 'token-name': isTokenName } }).compile<{ tokens: Token[] }>({
  type: 'object', additionalProperties: false, required: ['tokens'],
  properties: { tokens: { type: 'array', items: {
    type: 'object', additionalProperties: false, required: ['name', 'sha256', 'scope', 'namespace', 'reads'],
    properties: {
      name: { type: 'string', format: 'token-name' }, sha256: { type: 'string', pattern: '^[0-9a-f]{64}$' },
      scope: { enum: ['read', 'read-write'] }, namespace: NAMESPACE, reads: { type: 'array', items: NAMESPACE, minItems: 1 },
      expires: { type: 'string' },
    },
  } } },
});

/**
 * A new token and its entry of the file. 256 random bits, with a prefix that secret scanners can look for.
 *
 * @example
 * const { secret, token } = createToken({ name: 'ci', scope: 'read-write', namespace: 'trusted', reads: ['trusted'] });
 */
export function createToken(token: Omit<Token, 'sha256'>): { secret: string; token: Token } {
  const secret = `cosc_${randomBytes(32).toString('base64url')}`;
  return { secret, token: { ...token, sha256: digest(secret).toString('hex') } };
}

/**
 * The token that `secret` is. Every token is compared, in constant time, so that the answer's time tells nothing about how near
 * a guess was, nor where in the file a token stands.
 */
export function findToken(tokens: readonly Token[], secret: string, now: Date): Token | undefined {
  const given = digest(secret);
  let found: Token | undefined;
  for (const token of tokens) if (timingSafeEqual(given, Buffer.from(token.sha256, 'hex'))) found = token;
  return found && (found.expires === undefined || now < new Date(found.expires)) ? found : undefined;
}

/**
 * The secret of an `Authorization` header: Bearer (RFC 6750), or the password of Basic (RFC 7617), which browsers can send.
 *
 * @example
 * secretOf('Bearer cosc_abc'); // 'cosc_abc'
 */
export function secretOf(authorization: string | null | undefined): string | undefined {
  const [, scheme, credentials] = /^(Bearer|Basic) +([A-Za-z0-9._~+/=-]+) *$/i.exec(authorization ?? '') ?? [];
  if (credentials === undefined) return undefined;
  if (scheme!.toLowerCase() === 'bearer') return credentials;
  return /^[^:]*:(.+)$/s.exec(Buffer.from(credentials, 'base64').toString())?.[1];
}

/**
 * Reads the file of tokens.
 *
 * @throws UsageError TOKENS_INVALID
 */
export function readTokens(file: string): Token[] {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UsageError('TOKENS_INVALID', `${file}: ${(error as Error).message}`, 'Make one with cache-server token create.', error);
  }
  if (validate(content)) return content.tokens;
  const [first] = validate.errors ?? [];
  throw new UsageError('TOKENS_INVALID', `${file}: ${first?.instancePath} ${first?.message}`, 'Make tokens with cache-server token create.');
}

/** Writes the file whole or not at all, readable by its owner only. */
export function writeTokens(file: string, tokens: Token[]): void {
  const temporary = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    writeFileSync(temporary, `${JSON.stringify({ tokens }, undefined, 2)}\n`, { mode: 0o600, flag: 'wx' });
    renameSync(temporary, file);
  } finally {
    rmSync(temporary, { force: true });
  }
}

/**
 * The tokens of a file that may change while the server runs: looked at once a second at most. A file that became unreadable keeps
 * the tokens of before, and `onError` says so.
 */
export function watchTokens(file: string, onError: (error: unknown) => void): () => readonly Token[] {
  let tokens = readTokens(file);
  let version = versionOf(file);
  let looked = Date.now();
  return () => {
    if (Date.now() - looked < 1000) return tokens;
    looked = Date.now();
    try {
      const newer = versionOf(file);
      if (newer !== version) tokens = readTokens(file);
      version = newer;
    } catch (error) {
      onError(error);
    }
    return tokens;
  };
}

function versionOf(file: string): string {
  const { mtimeMs, ino, size } = statSync(file);
  return `${ino}-${size}-${mtimeMs}`;
}

function digest(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
