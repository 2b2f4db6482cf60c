import { ComposeError } from '../errors.ts';
import type { Lookup } from '../interpolate/interpolate.ts';
import { type EnvEntry, placesIn } from './entry.ts';

/** `format: raw`: a value is the rest of its line as it is; a comment is a line of its own. */
export function parseRawEnvFile(text: string, file: string, lookup: Lookup): Map<string, EnvEntry> {
  const entries = new Map<string, EnvEntry>();
  const placeAt = placesIn(text, file);
  let offset = 0;
  for (const line of text.split('\n')) {
    const statement = line.replace(/^[\s\u0085]+/, '').replace(/\r$/, '');
    const place = placeAt(offset + line.length - line.replace(/^[\s\u0085]+/, '').length);
    offset += line.length + 1;
    if (statement === '' || statement.startsWith('#')) continue;
    const [name] = statement.split('=', 1) as [string];
    if (name === '') throw new ComposeError('COMPOSE_ENV_FILE', place, 'expected a name before =', { hint: 'Write NAME=value.' });
    if (/\s/.test(name)) {
      const hint = name.startsWith('export') ? 'Delete "export", which format: raw does not know.' : 'Write NAME=value.';
      throw new ComposeError('COMPOSE_ENV_FILE', place, 'a name of a variable has no blank', { hint });
    }
    const inherited = name === statement;
    const value = inherited ? lookup(name) : statement.slice(name.length + 1);
    if (value !== undefined) entries.set(name, { value, place, inherited, variables: inherited ? [name] : [] });
  }
  return entries;
}
