// What client and server must agree on: Nx's self-hosted cache protocol, and the digest and signature that we add to it. Pure.
import { parseDictionary, serializeDictionary } from 'structured-headers';

/** Path of an entry below the address of a server; the hash follows. */
export const ENTRY_PATH = 'v1/cache/';

/**
 * The one spelling of a request's path. Nx and others append a path to the address that they were given, which may end with slashes or
 * have a prefix: `//v1/cache/1` and `/nx/v1/cache/1` are `/v1/cache/1`, and `/nx//healthz` is `/healthz`. Tokens decide about access,
 * not paths.
 */
export function routeOf(path: string): string {
  const parts = path.split('/').filter(Boolean);
  const isEntry = parts.slice(-3, -1).join('/') === 'v1/cache';
  const isOther = ['healthz', 'metrics'].includes(parts.at(-1) ?? '');
  return `/${parts.slice(isEntry ? -3 : isOther ? -1 : 0).join('/')}`;
}

/**
 * The address of an entry below that of a server.
 *
 * @example
 * entryUrl(new URL('https://host/nx//'), '123').href; // 'https://host/nx/v1/cache/123'
 */
export function entryUrl({ origin, pathname }: URL, hash: string): URL {
  return new URL(`${origin}${pathname.replace(/\/+$/, '')}/${ENTRY_PATH}${hash}`);
}

/** SHA-256 of the body: RFC 9530. */
export const DIGEST_HEADER = 'repr-digest';
/** Ed25519 signature (RFC 8032) of {@link signedText}, in base64. */
export const SIGNATURE_HEADER = 'x-entry-signature';
/** The reason for an answer: RFC 9211. */
export const CACHE_STATUS_HEADER = 'cache-status';

/** The answers after which nx goes on. Any other status fails the task or the run. */
export const ANSWERS = { hit: 200, miss: 404, created: 200, exists: 409, forbidden: 403 } as const;

/**
 * The answer after which nx goes on that is nearest to `status`; without `status`, the answer for a fault.
 *
 * @example
 * failOpen('GET', 503); // 404
 */
export function failOpen(method: string, status?: number): 200 | 404 | 409 | 403 {
  if (status === 200) return status;
  if (method !== 'PUT') return ANSWERS.miss;
  return status === ANSWERS.exists ? status : ANSWERS.forbidden;
}

// Neither starts with a dot, slash or dash, because both become part of a path. A namespace has no upper case: a file system
// that folds case would put two namespaces into one directory.
const HASH = /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/;
const NAMESPACE = /^[a-z0-9][a-z0-9-]{0,63}$/;

/** {@link isHash} in words. */
export const HASH_RULE = '1 to 128 of A-Z, a-z, 0-9, "_" and "-", beginning with a letter or digit';
/** {@link isNamespace} in words. */
export const NAMESPACE_RULE = '1 to 64 of a-z, 0-9 and "-", beginning with a letter or digit';

/** Whether `text` may be Nx's hash of a task: decimal digits today. */
export const isHash = (text: string): boolean => HASH.test(text);

/** Whether `text` may be a namespace: the trust domain that wrote an entry, such as `trusted` or `pr-12`. */
export const isNamespace = (text: string): boolean => NAMESPACE.test(text);

/**
 * The value of {@link DIGEST_HEADER}.
 *
 * @param sha256 - 64 hexadecimal digits
 * @example
 * formatReprDigest('e3b0…b855'); // 'sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:'
 */
export function formatReprDigest(sha256: string): string {
  return serializeDictionary({ 'sha-256': Buffer.from(sha256, 'hex') });
}

/**
 * The SHA-256 in a value of {@link DIGEST_HEADER}, in hexadecimal. Undefined when it holds none, or cannot be parsed: RFC 9651
 * wants such a field ignored.
 *
 * @example
 * parseReprDigest('sha-512=:…:, sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:'); // 'e3b0…b855'
 */
export function parseReprDigest(field: string | null | undefined): string | undefined {
  try {
    const [value] = parseDictionary(field ?? '').get('sha-256') ?? [];
    return value instanceof ArrayBuffer && value.byteLength === 32 ? Buffer.from(value).toString('hex') : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The bytes that a signature signs: the hash, so that no entry passes as another, and the digest of the body. The namespace is
 * not among them, so that an entry can be promoted to another namespace.
 *
 * @param sha256 - 64 hexadecimal digits
 */
export function signedText(hash: string, sha256: string): Uint8Array {
  return Buffer.from(`${hash}\n${sha256}`);
}

/** The value of {@link SIGNATURE_HEADER}. */
export function formatSignature(signature: Uint8Array): string {
  return Buffer.from(signature).toString('base64');
}

/** The 64 bytes of a value of {@link SIGNATURE_HEADER}, or undefined when it has another form. */
export function parseSignature(field: string): Uint8Array | undefined {
  return /^[A-Za-z0-9+/]{86}==$/.test(field) ? Buffer.from(field, 'base64') : undefined;
}
