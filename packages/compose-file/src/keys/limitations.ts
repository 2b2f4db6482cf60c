import type { MapNode, Node, Place } from '../yaml/node.ts';
import { formOf, keyOfEntry, keyOfItems } from './lookup.ts';
import { formatPath, type Case, type Key, type Limit, type Path } from './key.ts';
import { table } from './project.ts';

/** A key in use that the OS does not do as Compose says. */
export interface Limitation {
  /** With `*` for names of the user's and items of lists: `services.*.privileged`. */
  readonly key: string;
  readonly path: Path;
  readonly place: Place;
  /** One sentence for the user: where, what, why. */
  readonly message: string;
  readonly status: Limit;
}

/**
 * The keys of a model's tree that are refused, without effect, or opt-outs, and such values of others, in the order of the tree; defaults that
 * nobody wrote are not. Below a key that is not done no others are listed.
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
    if (key.status && !can.has(pattern)) {
      if (key.status.class !== 'done') return add(key.status, pattern, path, place);
      for (const [value, at, of] of key.status.except ? valuesOf(node, key, path, place) : []) {
        const limit = limitOf(value, key.status.except ?? []);
        if (limit) add(limit, pattern, at, of);
      }
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

  function add(status: Limit, key: string, path: Path, place: Place): void {
    found.push({ key, path, place, message: `${formatPath(path)} ${VERBS[status.class]}: ${status.reason}`, status });
  }
}

const VERBS: Readonly<Record<Limit['class'], string>> = { refused: 'cannot be done', 'without effect': 'has no effect', 'opt-out': 'is an opt-out' };

/** A value of the model, the items of a list, or name and value of each entry of a mapping, which may be written as a list. */
function valuesOf(node: Node, key: Key, path: Path, place: Place): readonly (readonly [unknown, Path, Place])[] {
  if (formOf(key, 'dictionary')) {
    const entries = (key.type.decode(node, path) ?? new Map()) as ReadonlyMap<string, unknown>;
    return [...entries].map(([name, value]) => [{ name, value }, [...path, name], placeOfEntry(node, name)]);
  }
  if (node.kind !== 'list') return [[key.type.decode(node, path), path, place]];
  const items = keyOfItems(key);
  return node.items.map((item, index) => [items?.type.decode(item, [...path, index]), [...path, index], item.place]);
}

function placeOfEntry(node: Node, name: string): Place {
  if (node.kind === 'map') return node.entries.get(name)?.keyPlace ?? node.place;
  const item = node.kind === 'list' ? node.items.find((one) => one.kind === 'scalar' && String(one.value).split('=')[0] === name) : undefined;
  return (item ?? node).place;
}

/** What the OS does with a value that it treats otherwise than others of its key. */
export function limitOf(value: unknown, cases: readonly Case[]): Limit | undefined {
  return value === undefined ? undefined : cases.find((one) => one.matches(value))?.status;
}
