import { ComposeError } from '../errors.ts';
import type { Place } from '../yaml/node.ts';

/** Nanoseconds; a week has seven days of 24 hours. */
const UNITS = new Map([
  ['ns', 1],
  ['us', 1e3],
  ['µs', 1e3],
  ['μs', 1e3],
  ['ms', 1e6],
  ['s', 1e9],
  ['m', 60e9],
  ['h', 3600e9],
  ['d', 24 * 3600e9],
  ['w', 7 * 24 * 3600e9],
]);
const MAX = 2n ** 63n - 1n;

/**
 * Nanoseconds of a duration: numbers with units of `w d h m s ms us ns`, in any order. A number without a unit is an error, but for 0.
 *
 * @example
 * parseDuration('1.5m', place); // 90_000_000_000n
 */
export function parseDuration(text: string, place: Place): bigint {
  const [, sign, parts] = /^([-+]?)((?:(?:\d+\.?\d*|\.\d+)[a-zµμ]+)+|0)$/.exec(text) ?? [];
  if (parts === undefined) throw invalid(text, place);
  let sum = 0n;
  for (const [, whole = '', fraction = '', unit] of parts.matchAll(/(\d*)\.?(\d*)([a-zµμ]+)/g)) {
    const scale = UNITS.get(unit!);
    if (scale === undefined) throw invalid(text, place);
    sum += BigInt(whole || 0) * BigInt(scale) + BigInt(Math.trunc(Number(fraction.slice(0, 18)) * (scale / 10 ** Math.min(fraction.length, 18))));
  }
  if (sum > MAX) throw invalid(text, place);
  return sign === '-' ? -sum : sum;
}

/** The duration as the reference prints it: `1h0m30.5s`, below a second `1.5ms`. */
export function formatDuration(nanoseconds: bigint): string {
  if (nanoseconds < 0n) return `-${formatDuration(-nanoseconds)}`;
  if (nanoseconds === 0n) return '0s';
  if (nanoseconds < 1_000_000_000n) {
    const [unit, scale] = nanoseconds < 1000n ? ['ns', 1n] : nanoseconds < 1_000_000n ? ['µs', 1000n] : (['ms', 1_000_000n] as const);
    return `${decimal(nanoseconds, scale as bigint)}${unit}`;
  }
  const minutes = nanoseconds / 60_000_000_000n;
  const seconds = `${decimal(nanoseconds % 60_000_000_000n, 1_000_000_000n)}s`;
  if (minutes === 0n) return seconds;
  return minutes < 60n ? `${minutes}m${seconds}` : `${minutes / 60n}h${minutes % 60n}m${seconds}`;
}

function decimal(value: bigint, scale: bigint): string {
  const fraction = String((value % scale) + scale)
    .slice(1)
    .replace(/0+$/, '');
  return fraction ? `${value / scale}.${fraction}` : String(value / scale);
}

function invalid(text: string, place: Place): ComposeError {
  const hint = /^\d+$/.test(text) ? `Write a unit: ${text}s.` : 'Write numbers with units of w, d, h, m, s, ms, us, ns: 1m30s.';
  return new ComposeError('COMPOSE_DURATION', place, `expected a duration of at most 292 years, got "${text}"`, { hint });
}
