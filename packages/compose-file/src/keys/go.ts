import { TimestampValue, type ScalarValue } from '../yaml/node.ts';

/** A scalar as the reference turns it into text, which is how Go's fmt prints it. */
export function goText(value: ScalarValue): string {
  if (value === null) return '<nil>';
  if (value instanceof TimestampValue) return value.text;
  return typeof value === 'number' ? goFloat(value) : String(value);
}

/** The shortest digits that give the number back, with an exponent below 1e-4 and from 1e+06 on. */
export function goFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const [digits = '', exponent = '0'] = value.toExponential().split('e');
  const power = Number(exponent);
  if (power < -4 || power >= 6) return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
  return String(value);
}

/** The nearest number of 32 bits, as the shortest decimal that gives it back. */
export function float32(value: number): number {
  const single = Math.fround(value);
  if (!Number.isFinite(single)) return single;
  for (let precision = 1; precision <= 9; precision++) {
    const short = Number(single.toPrecision(precision));
    if (Math.fround(short) === single) return short;
  }
  return single;
}
