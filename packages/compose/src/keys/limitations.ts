import type { MapNode, Node, Place } from '../yaml/node.ts';
import { formOf, keyOfEntry, keyOfItems } from './lookup.ts';
import { formatPath, type Key, type Path, type Status } from './key.ts';
import { table } from './project.ts';

/** A key in use that the OS does not do as Compose says. */
export interface Limitation {
  /** With `*` for names of the user's and items of lists: `services.*.privileged`. */
  readonly key: string;
  readonly path: Path;
  readonly place: Place;
  /** One sentence for the user: where, what, why. */
  readonly message: string;
  readonly status: Exclude<Status, { class: 'done' }>;
}

/**
 * The keys of a model's tree that are refused or without effect, in the order of the tree; defaults that nobody wrote
 * are not. Below such a key no others are listed.
 *
 * @param can keys that the caller does after all: `services.*.image`
 * @example
 * const [first] = limitations(loaded.tree, new Set()).filter(({ status }) => status.class === 'refused');
 */
export function limitations(tree: MapNode, can: ReadonlySet<string>): readonly Limitation[] {
  const found: Limitation[] = [];
  visit(tree, table, [], '', tree.place);
  return found;

  function visit(node: Node, key: Key, path: Path, pattern: string, place: Place): void {
    if (node.implied) return;
    if (key.status && key.status.class !== 'done' && !can.has(pattern)) {
      const verb = key.status.class === 'refused' ? 'cannot be done' : 'has no effect';
      found.push({ key: pattern, path, place, message: `${formatPath(path)} ${verb}: ${key.status.reason}`, status: key.status });
      return;
    }
    if (node.kind === 'scalar') return;
    if (node.kind === 'list') {
      const items = keyOfItems(key);
      if (items) for (const [index, item] of node.items.entries()) visit(item, items, [...path, index], `${pattern}.*`, item.place);
      return;
    }
    const isDictionary = formOf(key, 'object', 'dictionary')?.kind === 'dictionary';
    for (const [name, { keyPlace, value }] of node.entries) {
      const inner = keyOfEntry(key, name);
      const next = isDictionary ? '*' : name;
      if (inner) visit(value, inner, [...path, name], pattern === '' ? next : `${pattern}.${next}`, keyPlace);
    }
  }
}
