import { BuildError } from '@container-os/core';
import { createHash, createPublicKey, verify, type KeyObject } from 'node:crypto';

/** Bytes with what says who vouches for them. */
export interface Signed {
  /** Where the bytes are from, for messages. */
  url: string;
  bytes: Buffer;
  /** 64 bytes. */
  signature: Buffer;
  /** PEM. */
  publicKey: Buffer;
}

/**
 * Passes for an Ed25519 signature (RFC 8032) of exactly these bytes, by the key with this fingerprint.
 *
 * @throws BuildError PREBUILT_KEY_REFUSED, PREBUILT_SIGNATURE_INVALID
 */
export function requireSignature({ url, bytes, signature, publicKey }: Signed, fingerprint: string): void {
  const key = readKey(publicKey);
  const actual = key === undefined ? 'no Ed25519 public key in PEM' : fingerprintOf(key);
  if (key === undefined || actual !== fingerprint)
    throw new BuildError('PREBUILT_KEY_REFUSED', `${url}: expected the key with the fingerprint ${fingerprint}, got ${actual}`, {
      hint: 'Ask the publisher whether the key has changed, by another way than this server. Only then write the new fingerprint as "prebuiltKey" in nx.json.',
    });
  if (!verify(null, bytes, key, signature))
    throw new BuildError('PREBUILT_SIGNATURE_INVALID', `${url}: the signature is not one of these ${bytes.length} bytes by the key ${fingerprint}`, {
      hint: 'Run the same command again: the publisher may have been replacing the files. If it stays so, the lock file was changed after it was signed.',
    });
}

/** Lower-case hex of the sha256 of the key as SubjectPublicKeyInfo in DER. Source: RFC 8410. */
export function fingerprintOf(key: KeyObject): string {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex');
}

function readKey(pem: Buffer): KeyObject | undefined {
  try {
    const key = createPublicKey(pem);
    return key.asymmetricKeyType === 'ed25519' ? key : undefined;
  } catch {
    // OpenSSL's reason, "DECODER routines::unsupported", helps nobody.
    return undefined;
  }
}
