import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import { expect, it } from 'vitest';
import { formatReprDigest, isHash, isNamespace, parseReprDigest, parseSignature, signedText, failOpen } from '../src/protocol.ts';
import { isSignedBy, signEntry } from '../src/relay/signature.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

// The example of RFC 9530, appendix A: the body {"hello": "world"} and a line feed.
const EXAMPLE = 'sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:';
const DIGEST = sha256('{"hello": "world"}\n');

it('a digest is written as RFC 9530 has it', () => {
  expect(formatReprDigest(DIGEST)).toBe(EXAMPLE);
});

it.each([
  ['alone', EXAMPLE],
  ['after one of another algorithm', `sha-512=:AAAA:, ${EXAMPLE}`],
  ['among others', `md5=:AAAA:,${EXAMPLE},unixsum=:AA==:`],
  ['with a parameter', `${EXAMPLE};source="origin, sha-256=:AAAA:"`],
  ['as the last of two, which counts', `sha-256=:AAAA:, ${EXAMPLE}`],
])('a digest is found %s', (_, field) => {
  expect(parseReprDigest(field)).toBe(DIGEST);
});

it.each([
  ['no field', undefined],
  ['an empty field', ''],
  ['another algorithm', 'sha-512=:AAAA:'],
  ['a digest that is too short', EXAMPLE.replace('RK/0', '')],
  ['no byte sequence', EXAMPLE.replaceAll(':', '')],
  ['another name', `x${EXAMPLE}`],
  ['a digest in a string', `note="${EXAMPLE}"`],
  ['a field that cannot be parsed', `${EXAMPLE},`],
  ['junk before it', `junk ${EXAMPLE}`],
  ['a shorter one after it', `${EXAMPLE}, sha-256=:AAAA:`],
])('%s has no digest', (_, field) => {
  expect(parseReprDigest(field)).toBeUndefined();
});

it('a signature is Ed25519 over the hash, a line feed and the digest in hexadecimal', () => {
  expect(Buffer.from(signedText('123', sha256('abc'))).toString()).toBe('123\nba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  // The first secret key of RFC 8032, section 7.1; the signature was made by openssl pkeyutl -sign -rawin.
  const key = createPrivateKey('-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----\n');
  const signature = 'r94du6N47AJkUmPYXnwpFCfJBeof2w4a7fY+G/jKyaZxfvtkouN1uwXtuSBd9HPXYfYLGelKFyEnSxHlS34+Bg==';
  expect(signEntry(key, '123', sha256('abc'))).toBe(signature);
  expect(isSignedBy([createPublicKey(key)], '123', sha256('abc'), signature)).toBe(true);
});

it('a signature field is 64 bytes of base64 and nothing else', () => {
  const field = Buffer.alloc(64, 0xff).toString('base64');
  expect(parseSignature(field)).toEqual(Buffer.alloc(64, 0xff));
  for (const bad of ['', field.slice(1), `${field} `, field.replaceAll('/', '_'), Buffer.alloc(65).toString('base64')])
    expect(parseSignature(bad)).toBeUndefined();
});

it('neither a hash nor a namespace can be another path than its own', () => {
  for (const hash of ['1', '18446744073709551615', 'aB_-9', 'x'.repeat(128)]) expect(isHash(hash), hash).toBe(true);
  for (const hash of ['', '-1', '_a', '.', '..', 'a/b', 'a.b', 'a\n', 'x'.repeat(129)]) expect(isHash(hash), hash).toBe(false);
  for (const namespace of ['trusted', 'pr-12', 'x'.repeat(64)]) expect(isNamespace(namespace), namespace).toBe(true);
  for (const namespace of ['', '-a', 'a.b', 'a_b', 'A', '..', 'a/b', 'x'.repeat(65)]) expect(isNamespace(namespace), namespace).toBe(false);
});

it('a fault becomes an answer after which nx goes on', () => {
  const answers = (method: string): number[] => [200, 404, 403, 409, 401, 429, 503].map((status) => failOpen(method, status));
  expect([answers('GET'), answers('PUT'), failOpen('GET'), failOpen('PUT')]).toEqual([
    [200, 404, 404, 404, 404, 404, 404],
    [200, 403, 403, 409, 403, 403, 403],
    404,
    403,
  ]);
});
