import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { UsageError } from '../errors.ts';
import { formatSignature, parseSignature, signedText } from '../protocol.ts';

/** Keys of a relay. Without trusted keys, entries need no signature. */
export interface Keys {
  trusted: KeyObject[];
  signing: KeyObject | undefined;
}

/**
 * Reads two PEM files: one with any number of public keys, one with a private key, all Ed25519 (`openssl genpkey -algorithm ed25519`).
 *
 * @throws UsageError KEY_INVALID, which names the file and nothing of its content
 * @example
 * const keys = readKeys('team.pub.pem', 'ci.key.pem');
 */
export function readKeys(trustedKeys: string | undefined, signingKey: string | undefined): Keys {
  const trusted = trustedKeys === undefined ? [] : readKey(trustedKeys, 'public', (pem) => (pem.match(PUBLIC_KEY) ?? []).map((one) => createPublicKey(one)));
  const signing = signingKey === undefined ? [] : readKey(signingKey, 'private', (pem) => [createPrivateKey(pem)]);
  return { trusted, signing: signing[0] };
}

const PUBLIC_KEY = /-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----/g;
const MAKE_KEY = 'Make a private key with openssl genpkey -algorithm ed25519, and its public key with openssl pkey -pubout.';

function readKey(file: string, kind: string, parse: (pem: string) => KeyObject[]): KeyObject[] {
  try {
    const keys = parse(readFileSync(file, 'utf8'));
    if (keys.length > 0 && keys.every((key) => key.asymmetricKeyType === 'ed25519')) return keys;
  } catch (error) {
    throw new UsageError('KEY_INVALID', `cannot read a ${kind} key from ${file}: ${(error as NodeJS.ErrnoException).code ?? 'no PEM'}`, MAKE_KEY);
  }
  throw new UsageError('KEY_INVALID', `${file} has no Ed25519 ${kind} key`, MAKE_KEY);
}

/**
 * Signs an entry: returns the value of the header `X-Entry-Signature`.
 *
 * @param sha256 - of the body, 64 hexadecimal digits
 * @returns 64 bytes in base64
 * @example
 * headers['x-entry-signature'] = signEntry(key, '1234', sha256);
 */
export function signEntry(key: KeyObject, hash: string, sha256: string): string {
  return formatSignature(sign(null, signedText(hash, sha256), key));
}

/**
 * Whether one of `trusted` signed this body under this hash.
 *
 * @example
 * if (!isSignedBy(keys.trusted, hash, sha256, field)) throw new Fault('bad-signature', …);
 */
export function isSignedBy(trusted: KeyObject[], hash: string, sha256: string, signature: string): boolean {
  const bytes = parseSignature(signature);
  return bytes !== undefined && trusted.some((key) => verify(null, signedText(hash, sha256), key, bytes));
}
