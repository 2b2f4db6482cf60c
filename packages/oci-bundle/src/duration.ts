const MILLISECONDS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1, us: 1e-3, µs: 1e-3, ns: 1e-6 };

/** Milliseconds, which the OS counts in, of a duration such as `1m30s`, `1.5s` or `500ms`. What is less than one becomes one. */
export function milliseconds(duration: string): number {
  const parts = [...duration.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s|us|µs|ns)/g)];
  const sum = parts.reduce((total, [, count, unit]) => total + Number(count) * (MILLISECONDS[unit!] ?? 0), 0);
  // The sum of decimal fractions is not exact.
  return Math.ceil(Number(sum.toFixed(6)));
}

/** As sleep(1) takes it: `1.5`. */
export function seconds(duration: string): string {
  return String(milliseconds(duration) / 1000);
}
