import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { programName } from '../config/program.ts';
import { UsageError } from '../errors.ts';
import { isNamespace } from '../protocol.ts';

/** An entry of the tokens file. The token itself is not stored, only its SHA-256. */
export interface Token {
  /** Shown in logs; unique in the file. */
  name: string;
  /** SHA-256 of the token, 64 hexadecimal digits. 256 random bits need no slow hash. */
  sha256: string;
  scope: 'read' | 'read-write';
  /** The namespace that the token writes. */
  namespace: string;
  /** The namespaces that the token reads, in lookup order. */
  reads: string[];
  /** End of validity, ISO 8601. */
  expires?: string;
}

/** {@link isTokenName} in words. */
export const TOKEN_NAME_RULE = '1 to 64 of A-Z, a-z, 0-9, ".", "_" and "-", beginning with a letter or digit';

/** Whether `text` may be the name of a token. */
export const isTokenName = (text: string): boolean => /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(text);

const NAMESPACE = { type: 'string', format: 'namespace' };
const validate = new Ajv({ formats: { namespace: isNamespace, 'token-name': isTokenName } }).compile<{ tokens: Token[] }>({
  type: 'object',
  additionalProperties: false,
  required: ['tokens'],
  properties: {
    tokens: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['name', 'sha256', 'scope', 'namespace', 'reads'],
        properties: {
          name: { type: 'string', format: 'token-name' },
          sha256: { type: 'string', pattern: '^[0-9a-f]{64}$' },
          scope: { enum: ['read', 'read-write'] },
          namespace: NAMESPACE,
          reads: { type: 'array', items: NAMESPACE, minItems: 1 },
          expires: { type: 'string' },
        },
      },
    },
  },
});

/**
 * Makes a token of 256 random bits, with a prefix that secret scanners can look for, and its entry for the tokens file.
 *
 * @example
 * const { secret, token } = createToken({ name: 'ci', scope: 'read-write', namespace: 'trusted', reads: ['trusted'] });
 */
export function createToken(token: Omit<Token, 'sha256'>): { secret: string; token: Token } {
  const secret = `cosc_${randomBytes(32).toString('base64url')}`;
  return { secret, token: { ...token, sha256: digest(secret).toString('hex') } };
}

/**
 * Finds the token with this secret. Compares every token in constant time, so that the response time reveals neither how close a
 * guess was nor the token's position in the file.
 */
export function findToken(tokens: readonly Token[], secret: string, now: Date): Token | undefined {
  const given = digest(secret);
  let found: Token | undefined;
  for (const token of tokens) if (timingSafeEqual(given, Buffer.from(token.sha256, 'hex'))) found = token;
  return found && (found.expires === undefined || now < new Date(found.expires)) ? found : undefined;
}

/**
 * The secret in an `Authorization` header: a Bearer token (RFC 6750), or the password of Basic (RFC 7617), which browsers can send.
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
 * Reads the tokens file.
 *
 * @throws UsageError TOKENS_INVALID
 */
export function readTokens(file: string): Token[] {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UsageError('TOKENS_INVALID', `${file}: ${(error as Error).message}`, createHint(file), error);
  }
  if (validate(content)) return content.tokens;
  const [first] = validate.errors ?? [];
  throw new UsageError('TOKENS_INVALID', `${file}: ${first?.instancePath} ${first?.message}`, createHint(file));
}

function createHint(file: string): string {
  return `Create the file with ${programName()} token create --tokens ${file} --name <name>.`;
}

/** Replaces the tokens file atomically. Only its owner can read it. */
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
 * Returns a function that gives the current tokens. It checks the file for changes at most once a second. When the file cannot be
 * read, it calls `onError` and gives the previous tokens.
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
