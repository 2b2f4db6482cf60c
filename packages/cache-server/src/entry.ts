import { createHash } from 'node:crypto';

/** The bytes after the body in a store: its SHA-256 and signature. */
export interface Trailer {
  /** 32 bytes. */
  sha256: Uint8Array;
  /** Ed25519 signature of `signedText` (protocol.ts): 64 bytes, or undefined for an unsigned entry. */
  signature: Uint8Array | undefined;
}

// The last byte is the version of the format. The first one is not ASCII, so that no text file ends with these bytes by chance.
const MAGIC = Uint8Array.of(0x89, 0x6e, 0x78, 0x65, 0x6e, 0x74, 0x72, 0x01);
const SHA256_SIZE = 32;
const SIGNATURE_SIZE = 64;

/** Length of an encoded trailer in bytes. A stored entry is the body followed by the trailer. */
export const TRAILER_SIZE = MAGIC.length + SHA256_SIZE + SIGNATURE_SIZE;

/** Encodes a trailer: magic, digest, signature or zeros. */
export function encodeTrailer({ sha256, signature }: Trailer): Uint8Array {
  if (sha256.length !== SHA256_SIZE) throw new RangeError(`a SHA-256 has ${SHA256_SIZE} bytes, got ${sha256.length}`);
  if (signature && signature.length !== SIGNATURE_SIZE) throw new RangeError(`a signature has ${SIGNATURE_SIZE} bytes, got ${signature.length}`);
  const bytes = new Uint8Array(TRAILER_SIZE);
  bytes.set(MAGIC);
  bytes.set(sha256, MAGIC.length);
  if (signature) bytes.set(signature, MAGIC.length + SHA256_SIZE);
  return bytes;
}

/** Decodes a trailer. Undefined when `bytes` are none: the entry is truncated, or another program wrote it. */
export function decodeTrailer(bytes: Uint8Array): Trailer | undefined {
  if (bytes.length !== TRAILER_SIZE || !MAGIC.every((byte, index) => bytes[index] === byte)) return undefined;
  // Copies, because a slice would keep the whole chunk in memory.
  const signature = new Uint8Array(bytes.subarray(MAGIC.length + SHA256_SIZE));
  return {
    sha256: new Uint8Array(bytes.subarray(MAGIC.length, MAGIC.length + SHA256_SIZE)),
    signature: signature.some((byte) => byte !== 0) ? signature : undefined,
  };
}

/** Settings of {@link withTrailer}. */
export interface TrailerOptions {
  signature?: Uint8Array | undefined;
  /** Expected digest. If the body has another one, the stream errors with {@link DigestError} before the trailer. */
  expected?: Uint8Array | undefined;
  /** Called with the digest before the trailer is passed on. Its error is that of the stream. */
  onDigest?: (sha256: Uint8Array) => unknown;
}

/**
 * Appends the trailer to `body`. Keeps nothing: each chunk is passed on when the reader asks for it.
 *
 * @example
 * await store.create(key, withTrailer(request.body), contentLength + TRAILER_SIZE);
 */
export function withTrailer(body: ReadableStream<Uint8Array>, { signature, expected, onDigest }: TrailerOptions = {}): ReadableStream<Uint8Array> {
  return hashed(body, async (sha256) => {
    if (expected) requireDigest(sha256, expected);
    await onDigest?.(sha256);
    return encodeTrailer({ sha256, signature });
  });
}

/** Passes `body` on. Errors with {@link DigestError} at its end if its SHA-256 is not `expected`. */
export function verified(body: ReadableStream<Uint8Array>, expected: Uint8Array): ReadableStream<Uint8Array> {
  return hashed(body, (sha256) => requireDigest(sha256, expected));
}

/** The body does not match its digest. */
export class DigestError extends Error {
  override readonly name = 'DigestError';
}

function requireDigest(actual: Uint8Array, expected: Uint8Array): undefined {
  if (Buffer.compare(actual, expected) === 0) return;
  const [is, wanted] = [actual, expected].map((digest) => Buffer.from(digest).toString('hex'));
  throw new DigestError(`the body has SHA-256 ${is}, expected ${wanted}`);
}

/** Avoids a TransformStream, whose queues cost more than the digest. */
function hashed(body: ReadableStream<Uint8Array>, atEnd: (sha256: Uint8Array) => Promise<Uint8Array> | undefined): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  const hash = createHash('sha256');
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await reader.read();
        if (!done) {
          hash.update(value);
          return controller.enqueue(value);
        }
        const last = await atEnd(hash.digest());
        if (last) controller.enqueue(last);
        controller.close();
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}
