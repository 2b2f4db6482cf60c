import { ComposeError } from '../errors.ts';
import type { Place, ScalarValue } from './node.ts';
import { TimestampValue } from './node.ts';
import { typeOf } from './scalar.ts';
import { parseTimestamp } from './timestamp.ts';

const CORE = 'tag:yaml.org,2002:';

/** The value of a scalar with its tag, if it has one. A tag that YAML does not define (`!reset`, `!foo`) makes a string. */
export function scalarValue(tag: string | undefined, text: string, quoted: boolean, place: Place): ScalarValue {
  if (tag === undefined || (tag === '!' && !quoted)) return quoted ? text : typeOf(text);
  const fail = (expected: string): never => {
    throw new ComposeError('COMPOSE_TAG', place, `${tag.replace(CORE, '!!')}: expected ${expected}, got "${text}"`, {
      hint: 'Delete the tag, or write a value of its type.',
    });
  };
  const value = typeOf(text);
  switch (tag) {
    case `${CORE}binary`:
      return decodeBase64(text) ?? fail('base64');
    case `${CORE}bool`:
      return typeof value === 'boolean' ? value : fail('true or false');
    case `${CORE}int`:
      return typeof value === 'bigint' ? value : fail('an integer');
    case `${CORE}float`:
      return typeof value === 'number' ? value : typeof value === 'bigint' ? Number(value) : fail('a number');
    case `${CORE}null`:
      return value === null ? value : fail('null');
    case `${CORE}timestamp`:
      return parseTimestamp(text) ?? (value instanceof TimestampValue ? value : fail('a date'));
    default:
      return text;
  }
}

function decodeBase64(text: string): string | undefined {
  const digits = text.replace(/[\r\n]/g, '');
  return /^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/.test(digits) ? Buffer.from(digits, 'base64').toString() : undefined;
}
