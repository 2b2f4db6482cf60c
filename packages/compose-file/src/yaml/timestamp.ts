import { TimestampValue } from './node.ts';

const FORM =
  /^(?<year>\d{4})-(?<month>\d{1,2})-(?<day>\d{1,2})(?:(?<separator>[Tt ])(?<hour>\d{1,2}):(?<minute>\d{1,2}):(?<second>\d{1,2})(?:[.,](?<fraction>\d+))?(?<zone>Z|[-+]\d\d:\d\d)?)?$/;

/** A date, a date and time with zone, or a date and time after a blank and without zone; undefined when the text is none. */
export function parseTimestamp(text: string): TimestampValue | undefined {
  const groups = FORM.exec(text)?.groups;
  if (!groups) return undefined;
  const [year, month, day, hour, minute, second] = [groups['year'], groups['month'], groups['day'], groups['hour'], groups['minute'], groups['second']].map(
    (part) => Number(part ?? 0),
  ) as [number, number, number, number, number, number];
  const { separator, zone } = groups;
  if (separator && (separator === ' ') === (zone !== undefined)) return undefined;
  if (month < 1 || month > 12 || day < 1 || day > new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate()) return undefined;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  if (zone && zone !== 'Z' && (Number(zone.slice(1, 3)) > 24 || Number(zone.slice(4)) > 60)) return undefined;
  const two = (number: number): string => String(number).padStart(2, '0');
  const fraction = (groups['fraction'] ?? '').slice(0, 9).replace(/0+$/, '');
  return new TimestampValue(
    `${groups['year']}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}${fraction && `.${fraction}`}${zone === undefined || /00:00/.test(zone) ? 'Z' : zone}`,
  );
}
