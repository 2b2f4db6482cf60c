import bytes from 'bytes';

const MILLISECONDS = { ms: 1, s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/**
 * The bytes of a size: a number, alone or with B, KB, MB, GB or TB (powers of 1024).
 *
 * @throws Error when `text` is not a size
 * @example
 * parseSize('10GB'); // 10737418240
 */
export function parseSize(text: string): number {
  const size = /^\d+(\.\d+)?([KMGT]?B)?$/i.test(text) ? bytes.parse(text) : null;
  if (size === null) throw new Error(`"${text}" is not a size such as 500MB or 10GB`);
  return size;
}

/**
 * The milliseconds of a duration: a whole number with ms, s, min, h or d. 0 needs no unit.
 *
 * @throws Error when `text` is not a duration
 * @example
 * parseDuration('10min'); // 600000
 */
export function parseDuration(text: string): number {
  const [, amount, unit] = /^(\d+)(ms|s|min|h|d)?$/.exec(text) ?? [];
  if (amount === undefined || (unit === undefined && amount !== '0')) throw new Error(`"${text}" is not a duration such as 30s, 10min or 7d`);
  return Number(amount) * MILLISECONDS[(unit ?? 'ms') as keyof typeof MILLISECONDS];
}

/** Formats bytes for people: `1.5 GB`. */
export function formatSize(size: number): string {
  return bytes.format(size, { unitSeparator: ' ', decimalPlaces: 1 }) ?? String(size);
}

/** Formats milliseconds for people, rounded down to the largest unit: `3 d`. */
export function formatAge(milliseconds: number): string {
  const [unit, length] = Object.entries(MILLISECONDS)
    .reverse()
    .find(([name, one]) => name !== 'ms' && milliseconds >= one) ?? ['s', 1000];
  return `${Math.floor(Math.max(0, milliseconds) / length)} ${unit}`;
}
