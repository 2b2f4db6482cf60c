import { ComposeError } from '../errors.ts';
import type { Place } from '../yaml/node.ts';

/** The value of a variable; undefined when it is not set. */
export type Lookup = (name: string) => string | undefined;
export type Warn = (place: Place, message: string) => void;

const NAME = /^[A-Za-z_][A-Za-z\d_]*/;

/**
 * The text with its variables replaced, once: `$A`, `${A}`, `${A:-default}`, `${A-default}`, `${A:?message}`, `${A?message}`, `${A:+other}`,
 * `${A+other}`, nested at will; `$$` is a `$`. A `$` before anything else stays.
 *
 * @throws ComposeError when a required variable has no value or braces are malformed, in a branch that is not taken too
 * @example
 * interpolate('${TAG:-latest} costs $$5', () => undefined, place, warn); // 'latest costs $5'
 */
export function interpolate(text: string, lookup: Lookup, place: Place, warn: Warn): string {
  const variable = (name: string): string => {
    const value = lookup(name);
    if (value === undefined) warn(place, `${name}: the variable is not set, its place stays empty`);
    return value ?? '';
  };
  let result = '';
  let at = 0;
  for (let dollar = text.indexOf('$'); dollar !== -1; dollar = text.indexOf('$', at)) {
    result += text.slice(at, dollar);
    const rest = text.slice(dollar + 1);
    const name = NAME.exec(rest)?.[0];
    if (name !== undefined) {
      result += variable(name);
      at = dollar + 1 + name.length;
    } else if (rest.startsWith('{')) {
      const end = endOfBraces(rest);
      if (end === undefined) throw malformed(text, `\${${rest.slice(1)}`, place);
      result += braced(rest.slice(1, end));
      at = dollar + 2 + end;
    } else {
      result += '$';
      at = dollar + (rest.startsWith('$') ? 2 : 1);
    }
  }
  return result + text.slice(at);

  function braced(inner: string): string {
    const name = NAME.exec(inner)?.[0];
    const [, operator, argument = ''] = /^(:?[-+?])(.*)$/s.exec(inner.slice(name?.length ?? 0)) ?? [];
    if (name === undefined || (operator === undefined && inner !== name)) throw malformed(text, `\${${inner}}`, place);
    if (operator === undefined) return variable(name);
    const other = interpolate(argument, lookup, place, warn);
    const value = lookup(name);
    const isSet = value !== undefined && !(operator.startsWith(':') && value === '');
    if (operator.endsWith('-')) return isSet ? value : other;
    if (operator.endsWith('+')) return isSet ? other : '';
    if (isSet) return value;
    const hint = `Set ${name} in .env or write a default: \${${name}:-default}.`;
    throw new ComposeError('COMPOSE_VARIABLE', place, `required variable ${name} has no value${other && `: ${other}`}`, { hint });
  }
}

/**
 * Where the braces that begin the text end. Inner braces are counted; the reference does not see a brace right after an opening one, and takes the line's
 * last brace when the count does not come out. No variable spans two lines.
 */
function endOfBraces(text: string): number | undefined {
  const line = /^.*/.exec(text)![0];
  const last = line.lastIndexOf('}');
  if (last === -1) return undefined;
  let open = 0;
  for (let at = 0; at <= last; at++) {
    if (line[at] === '}' && --open === 0) return at;
    if (line[at] === '{') {
      open++;
      at++;
    }
  }
  return last;
}

function malformed(text: string, part: string, place: Place): ComposeError {
  const hint = text.includes('$$') ? 'Write ${NAME} or ${NAME:-default}.' : 'Write ${NAME} or ${NAME:-default}; for a literal $ write $$.';
  return new ComposeError('COMPOSE_INTERPOLATION', place, `${part}: expected \${NAME} with an operator of :- - :? ? :+ + at most`, { hint });
}
