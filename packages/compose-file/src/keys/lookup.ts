import type { Form, Key } from './key.ts';

/** The form of a key that a node is written in, as far as its kind tells. */
export function formOf<K extends Form['kind']>(key: Key | undefined, ...kinds: readonly K[]): (Form & { kind: K }) | undefined {
  return key?.forms.find((form): form is Form & { kind: K } => (kinds as readonly string[]).includes(form.kind));
}

/** What the table says of an entry of a mapping; undefined: the table does not have it. */
export function keyOfEntry(key: Key | undefined, name: string): Key | undefined {
  const form = formOf(key, 'object', 'dictionary');
  if (form?.kind === 'dictionary') return form.values;
  return form && Object.hasOwn(form.keys, name) ? form.keys[name] : undefined;
}

/** What the table says of the items of a list. */
export function keyOfItems(key: Key | undefined): Key | undefined {
  return formOf(key, 'list')?.items;
}
