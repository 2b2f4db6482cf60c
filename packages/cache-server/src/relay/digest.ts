/** The SHA-256 of a `Repr-Digest` field, or none: an RFC 9530 dictionary of algorithm and RFC 8941 byte sequence. */
const SHA_256 = /(?:^|[,\s])sha-256=:([A-Za-z0-9+/]{43}=):/;

/**
 * The value of the field `Repr-Digest` (RFC 9530, section 3).
 *
 * @param sha256 - 64 hexadecimal digits
 * @example
 * formatReprDigest('e3b0…b855'); // 'sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:'
 */
export function formatReprDigest(sha256: string): string {
  return `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:`;
}

/**
 * The SHA-256 in a field `Repr-Digest`, in hexadecimal; undefined where it has none that can be read. Other algorithms are skipped.
 *
 * @example
 * parseReprDigest('sha-512=:…:, sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:'); // 'e3b0…b855'
 */
export function parseReprDigest(field: string | undefined): string | undefined {
  const [, base64] = SHA_256.exec(field ?? '') ?? [];
  return base64 === undefined ? undefined : Buffer.from(base64, 'base64').toString('hex');
}
