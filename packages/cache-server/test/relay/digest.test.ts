import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { formatReprDigest, parseReprDigest } from '../../src/relay/digest.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

// The example of RFC 9530, appendix A: the body {"hello": "world"} and a line feed.
const EXAMPLE = 'sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:';

it('a digest is written as RFC 9530 has it', () => {
  expect(formatReprDigest(sha256('{"hello": "world"}\n'))).toBe(EXAMPLE);
});

it('a digest is found alone and beside those of other algorithms', () => {
  for (const field of [EXAMPLE, `sha-512=:AAAA:, ${EXAMPLE}`, `md5=:AAAA:,${EXAMPLE},unixsum=:AA==:`]) expect(parseReprDigest(field)).toBe(sha256('{"hello": "world"}\n'));
});

it('a field without a whole SHA-256 has none', () => {
  for (const field of [undefined, '', 'sha-512=:AAAA:', EXAMPLE.replace('RK/0', ''), EXAMPLE.replaceAll(':', ''), `x${EXAMPLE}`]) expect(parseReprDigest(field)).toBeUndefined();
});
