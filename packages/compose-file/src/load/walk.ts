import type { MapEntry, Node } from '../yaml/node.ts';
import type { Key, Path } from '../keys/key.ts';
import { keyOfEntry, keyOfItems } from '../keys/lookup.ts';

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
