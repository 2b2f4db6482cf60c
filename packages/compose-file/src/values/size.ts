import { ComposeError } from '../errors.ts';
import type { Place } from '../yaml/node.ts';

const EXPONENTS = { k: 1, m: 2, g: 3, t: 4, p: 5 } as const;
const FORM = /^(?<number>\+?(?:\d[\d_]*\.?\d*|\.\d+)(?:e[-+]?\d+)?) ?(?:b|(?<unit>[kmgtp])(?:i?b)?)?$/i;

/**
 * Bytes of a size: a number with a unit of `b k m g t p`, which are powers of 1024 in whatever way they are written (`kb`, `KiB`); fractions of a byte are cut.
 *
 * @example
 * parseSize('1.5g', place); // 1_610_612_736n
 */
export function parseSize(text: string, place: Place): bigint {
  const { number, unit } = FORM.exec(text)?.groups ?? {};
  const bytes = Number(number?.replaceAll('_', '')) * 1024 ** (unit ? EXPONENTS[unit.toLowerCase() as keyof typeof EXPONENTS] : 0);
  if (!(bytes < 2 ** 63)) {
    throw new ComposeError('COMPOSE_SIZE', place, `expected a size below 8192 pebibytes, got "${text}"`, {
      hint: 'Write a number and a unit of b, k, m, g, t, p: 64m.',
    });
  }
  return BigInt(Math.trunc(bytes));
}
