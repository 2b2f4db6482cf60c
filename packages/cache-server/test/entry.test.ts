import { createHash, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collect, streamOf } from './store-conformance.ts';
import { decodeTrailer, DigestError, encodeTrailer, TRAILER_SIZE, verified, withTrailer } from '../src/entry.ts';

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();

describe('the trailer of an entry', () => {
  it('has these bytes', () => {
    const bytes = encodeTrailer({ sha256: digest(Buffer.from('abc')), signature: Buffer.alloc(64, 0x5a) });
    expect(Buffer.from(bytes).toString('hex')).toBe('896e78656e747201' + 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad' + '5a'.repeat(64));
    expect(TRAILER_SIZE).toBe(104);
  });

  it('is read back as it was written, signed or not', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.option(fc.uint8Array({ minLength: 64, maxLength: 64 }), { nil: undefined }),
        (sha256, signature) => {
          const unsigned = signature?.every((byte) => byte === 0) ? undefined : signature;
          expect(decodeTrailer(encodeTrailer({ sha256, signature: unsigned }))).toEqual({ sha256, signature: unsigned });
        },
      ),
    );
  });

  it('is not found in other bytes, or in bytes of another length or version', () => {
    const bytes = encodeTrailer({ sha256: digest(Buffer.of()), signature: undefined });
    expect(decodeTrailer(bytes.subarray(1))).toBeUndefined();
    expect(decodeTrailer(Buffer.concat([bytes, Buffer.of(0)]))).toBeUndefined();
    expect(decodeTrailer(randomBytes(TRAILER_SIZE))).toBeUndefined();
    bytes[7] = 2;
    expect(decodeTrailer(bytes)).toBeUndefined();
  });

  it('refuses to encode a digest or a signature of another length', () => {
    expect(() => encodeTrailer({ sha256: Buffer.alloc(31), signature: undefined })).toThrow('32 bytes, got 31');
    expect(() => encodeTrailer({ sha256: Buffer.alloc(32), signature: Buffer.alloc(63) })).toThrow('64 bytes, got 63');
  });
});

describe('a body with its trailer', () => {
  it.each([0, 1, 65_536, 1_000_003])('of %d bytes passes as it is, then the trailer', async (size) => {
    const body = randomBytes(size);
    let seen: Uint8Array | undefined;
    const stored = await collect(withTrailer(streamOf(body), { onDigest: (sha256) => (seen = sha256) }));
    expect(stored.subarray(0, size).equals(body)).toBe(true);
    expect(decodeTrailer(stored.subarray(size))).toEqual({ sha256: new Uint8Array(digest(body)), signature: undefined });
    expect(seen).toEqual(digest(body));
  });

  it('passes when it is what was announced, and errors before its trailer when it is not', async () => {
    const body = Buffer.from('abc');
    expect(await collect(withTrailer(streamOf(body), { expected: digest(body) }))).toHaveLength(3 + TRAILER_SIZE);
    await expect(collect(withTrailer(streamOf(body), { expected: digest(Buffer.from('abd')) }))).rejects.toThrow(DigestError);
  });

  it('errors when the body does', async () => {
    await expect(collect(withTrailer(streamOf(Buffer.from('abc'), 1, new Error('cut'))))).rejects.toThrow('cut');
  });

  it('is asked for only as fast as it is read, and told when nobody reads on', async () => {
    let pulled = 0;
    let cancelled: unknown;
    const source = new ReadableStream<Uint8Array>(
      {
        pull: (controller) => controller.enqueue(Buffer.of(pulled++)),
        cancel: (reason) => void (cancelled = reason),
      },
      { highWaterMark: 0 },
    );
    const reader = withTrailer(source).getReader();
    await reader.read();
    expect(pulled).toBe(1);
    await reader.cancel('enough');
    expect(cancelled).toBe('enough');
  });
});

describe('a verified body', () => {
  it('is the body itself, or an error at its end', async () => {
    const body = randomBytes(100_000);
    expect((await collect(verified(streamOf(body), digest(body)))).equals(body)).toBe(true);
    await expect(collect(verified(streamOf(body.subarray(1)), digest(body)))).rejects.toThrow(/SHA-256 [0-9a-f]{64}, expected [0-9a-f]{64}/);
  });
});
