import { ComposeError } from '../errors.ts';
import { interpolate, type Lookup, type Warn } from '../interpolate/interpolate.ts';
import type { Place } from '../yaml/node.ts';
import { type EnvEntry, placesIn } from './entry.ts';
import { expandEscapes } from './escapes.ts';
import { parseRawEnvFile } from './raw.ts';

export interface EnvFileOptions {
  /** `raw`: no quotes, no comments after values, no variables. */
  readonly format?: 'raw' | undefined;
  /** Values of the `env_file`s before this one, which count less than the file's own. */
  readonly earlier?: Lookup;
  readonly warn: Warn;
}

/**
 * The variables of a `.env` file or an `env_file`, in the order of their first appearance; the last value of a name counts. Forms: `A=1`, `A: 1`,
 * `export A=1`, `A='no $variables'`, `A="several lines, \n and ${variables}"`, `A` alone for the value of `lookup` (left out when that has none). A comment
 * starts at a line's `#`, or in an unquoted value at ` #`.
 *
 * A variable in a value is that of `lookup`, else of the lines above, else of `earlier`.
 *
 * Messages show no text of the file, which may be secret.
 *
 * @throws ComposeError on names with blanks or odd characters, open quotes, malformed variables, and on text after a closing quote, which the reference loses
 */
export function parseEnvFile(text: string, file: string, lookup: Lookup, { format, earlier = () => undefined, warn }: EnvFileOptions): Map<string, EnvEntry> {
  const source = text.replace(/^\uFEFF/, '');
  if (format === 'raw') return parseRawEnvFile(source, file, lookup);
  const entries = new Map<string, EnvEntry>();
  const placeAt = placesIn(source, file);
  let at = 0;
  for (;;) {
    at = statementStart(source, at);
    if (at === source.length) return entries;
    const start = at + (/^export\s+/.exec(source.slice(at))?.[0].length ?? 0);
    const place = placeAt(start);
    const { name, separator, end } = readName(source, start, place);
    at = end;
    if (separator === '\n') {
      const value = lookup(name);
      if (value !== undefined) entries.set(name, { value, place, inherited: true, variables: [name] });
      continue;
    }
    const variables = new Set<string>();
    const expand = (value: string): string =>
      withoutText(() => interpolate(value, (asked) => (variables.add(asked), lookup(asked) ?? entries.get(asked)?.value ?? earlier(asked)), place, warn));
    at += blanks(source, at);
    const quote = source[at];
    if (quote === '"' || quote === "'") {
      const quoted = readQuoted(source, at, place);
      const value = quote === '"' ? expand(expandEscapes(quoted.value)) : quoted.value;
      entries.set(name, { value, place, inherited: false, variables: [...variables] });
      at = quoted.end;
    } else {
      const line = /^[^\n]*/.exec(source.slice(at))![0];
      const [unquoted] = line.split(' #', 1) as [string];
      entries.set(name, { value: expand(unquoted.replace(/[\s\u0085]+$/, '')), place, inherited: false, variables: [...variables] });
      at += line.length;
    }
  }
}

/** A malformed variable of an env file is not shown: a secret may have a `$`. */
function withoutText(expand: () => string): string {
  try {
    return expand();
  } catch (error) {
    if (!(error instanceof ComposeError) || error.code !== 'COMPOSE_INTERPOLATION') throw error;
    throw new ComposeError('COMPOSE_INTERPOLATION', error.place, 'the value has a ${ that does not begin a variable', {
      hint: 'Write ${NAME} or ${NAME:-default}; for a literal $ put the value in single quotes.',
    });
  }
}

/** The next character that is neither white space nor in a comment line. */
function statementStart(text: string, from: number): number {
  return from + /^(?:[\s\u0085]|#[^\n]*(?:\n|$))*/.exec(text.slice(from))![0].length;
}

function blanks(text: string, from: number): number {
  return /^[\t\v\f\r \u0085\u00A0]*/.exec(text.slice(from))![0].length;
}

function readName(text: string, start: number, place: Place): { name: string; separator: string; end: number } {
  const [head, raw, separator] = /^([\p{L}\p{N}_.\-[\]\t\v\f\r \u0085\u00A0]*)(.?)/su.exec(text.slice(start)) as unknown as [string, string, string];
  const name = raw.replace(/[\s\u0085]+$/, '');
  if (separator === '') {
    throw new ComposeError('COMPOSE_ENV_FILE', place, 'the line has neither = nor an end', {
      hint: 'Write NAME=value, or end the file with a new line.',
    });
  }
  if (!/[=:\n]/.test(separator)) {
    throw new ComposeError('COMPOSE_ENV_FILE', place, 'expected a name of letters, digits and _ . - [ ] up to =', {
      hint: 'Write NAME=value, a comment after #.',
    });
  }
  if (name === '') throw new ComposeError('COMPOSE_ENV_FILE', place, `expected a name before ${separator}`, { hint: 'Write NAME=value.' });
  if (name.includes(' ')) {
    const hint = /^export\b/.test(name) ? 'Write one name after export.' : 'Write NAME=value.';
    throw new ComposeError('COMPOSE_ENV_FILE', place, 'a name of a variable has no blank', { hint });
  }
  return { name, separator, end: start + head.length };
}

/** A backslash keeps the quote from ending the value; other backslashes stay. */
function readQuoted(text: string, start: number, place: Place): { value: string; end: number } {
  const quote = text[start]!;
  const [whole, inner] = (quote === '"' ? /^"((?:[^"\\]|\\[^])*)"/ : /^'((?:[^'\\]|\\[^])*)'/).exec(text.slice(start)) ?? [];
  if (whole === undefined || inner === undefined)
    throw new ComposeError('COMPOSE_ENV_FILE', place, `the value has an opening ${quote} and no closing one`, {
      hint: `Write ${quote} at the end of the value.`,
    });
  const end = start + whole.length;
  const rest = /^[^\n]*/.exec(text.slice(end))![0];
  if (!/^[\s\u0085]*(?:#|$|(?:export\s+)?[\p{L}\p{N}_.\-[\]]+[\t\v\f\r ]*[=:])/u.test(rest))
    throw new ComposeError('COMPOSE_ENV_FILE', place, `text after the closing ${quote} would be lost`, {
      hint: 'Put the whole value in quotes, a comment after #.',
    });
  return { value: inner.replaceAll(`\\${quote}`, quote), end };
}
