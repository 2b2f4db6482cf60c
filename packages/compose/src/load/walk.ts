import type { MapEntry, Node } from '../yaml/node.ts';
import type { Form, Key, Path } from '../keys/key.ts';

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

/** The tree with each node that the table knows replaced by what `change` makes of it; parents come before their children. */
export function walk(node: Node, key: Key | undefined, at: Path, change: (node: Node, key: Key, at: Path) => Node): Node {
  if (!key) return node;
  const changed = change(node, key, at);
  if (changed.kind === 'map') {
    const entries = mapEntries(changed.entries, (name, value) => walk(value, keyOfEntry(key, name), [...at, name], change));
    return entries === changed.entries ? changed : { ...changed, entries };
  }
  if (changed.kind === 'list') {
    const itemKey = keyOfItems(key);
    if (!itemKey) return changed;
    const items = changed.items.map((item, index) => walk(item, itemKey, [...at, index], change));
    return items.every((item, index) => item === changed.items[index]) ? changed : { ...changed, items };
  }
  return changed;
}

/** The same entries with other values; the same object when nothing changed. */
function mapEntries(entries: ReadonlyMap<string, MapEntry>, change: (name: string, value: Node) => Node): ReadonlyMap<string, MapEntry> {
  let changed = false;
  const result = new Map<string, MapEntry>();
  for (const [name, entry] of entries) {
    const value = change(name, entry.value);
    changed ||= value !== entry.value;
    result.set(name, value === entry.value ? entry : { ...entry, value });
  }
  return changed ? result : entries;
}
