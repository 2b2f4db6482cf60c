import { type ScalarValue, TimestampValue } from './node.ts';

/** The text of a scalar where the reference makes a string of it, such as a value of `environment`: `true`, `8` for 010, `1e+10` for 1e10. */
export function textOf(value: ScalarValue): string {
  if (value === null) return '';
  if (value instanceof TimestampValue) return value.text;
  return typeof value === 'number' ? formatFloat(value) : String(value);
}

/** As Go prints a float64: the shortest digits that make the number, with an exponent below 1e-4 and from 1e6 on. */
function formatFloat(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const [digits, exponent] = value.toExponential().split('e') as [string, string];
  const power = Number(exponent);
  if (power >= -4 && power < 6) return String(value);
  return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}
