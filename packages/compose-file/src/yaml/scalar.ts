import { parseTimestamp } from './timestamp.ts';
import type { ScalarValue } from './node.ts';

/** Texts that are a value by name. `yes`, `no`, `on` and `off` are strings, as in YAML 1.2. */
const NAMED = new Map<string, ScalarValue>([
  ...['', '~', 'null', 'Null', 'NULL'].map((text) => [text, null] as const),
  ...['true', 'True', 'TRUE'].map((text) => [text, true] as const),
  ...['false', 'False', 'FALSE'].map((text) => [text, false] as const),
  ...['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'].map((text) => [text, Infinity] as const),
  ...['-.inf', '-.Inf', '-.INF'].map((text) => [text, -Infinity] as const),
  ...['.nan', '.NaN', '.NAN'].map((text) => [text, NaN] as const),
]);

const INTEGER = /^(?<sign>[-+]?)(?:0(?<prefix>[xXbBoO])(?<digits>[\da-fA-F]+)|(?<octal>0[0-7]+)|(?<decimal>0|[1-9]\d*))$/;
const RADIX = { x: 16, b: 2, o: 8 } as const;
const FLOAT = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/;

/**
 * The value of a plain scalar, typed as go-yaml v3 does, which mixes both versions of YAML: octal `010`, underscores and dates
 * as in 1.1; booleans and no base 60 as in 1.2. No YAML parser of npm has this mix.
 */
export function typeOf(text: string): ScalarValue {
  const named = NAMED.get(text);
  if (named !== undefined) return named;
  if (!/^[-+.\d]/.test(text)) return text;
  const timestamp = parseTimestamp(text);
  if (timestamp) return timestamp;
  const plain = text.replaceAll('_', '');
  const integer = parseInteger(plain);
  if (integer !== undefined) return integer;
  // After a point, the reference asks Go's number parser, which wants underscores between digits.
  if (text.startsWith('.') && /(?<!\d)_|_(?!\d)/.test(text)) return text;
  // What no double holds, such as 1e400, is a string.
  return FLOAT.test(plain) && Number.isFinite(Number(plain)) ? Number(plain) : text;
}

/** 64 bits with or without a sign; larger decimal numbers are floats. */
function parseInteger(text: string): bigint | undefined {
  const { sign = '', prefix, digits, octal, decimal } = INTEGER.exec(text)?.groups ?? {};
  const magnitude = prefix
    ? digitsOf(digits!, RADIX[prefix.toLowerCase() as keyof typeof RADIX])
    : octal
      ? digitsOf(octal, 8)
      : decimal
        ? BigInt(decimal)
        : undefined;
  if (magnitude === undefined) return undefined;
  if (sign === '-') return magnitude <= 2n ** 63n ? -magnitude : undefined;
  return magnitude < (sign ? 2n ** 63n : 2n ** 64n) ? magnitude : undefined;
}

function digitsOf(digits: string, radix: number): bigint | undefined {
  let value = 0n;
  for (const character of digits) {
    const digit = Number.parseInt(character, 16);
    if (digit >= radix) return undefined;
    value = value * BigInt(radix) + BigInt(digit);
  }
  return value;
}
