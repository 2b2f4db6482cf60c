import { ComposeError } from '../errors.ts';
import type { MapEntry, MapNode, Node } from './node.ts';

/**
 * A mapping's own entries and what its merge key (`<<`) adds: own keys win wherever they stand, then the first mapping of a list; nested mappings are
 * not merged.
 *
 * A mark (`!reset`, `!override`) of an entry that loses still removes what an earlier file said, so it goes to the winner as `!override`. A mark of the
 * merge key's value goes to the whole mapping.
 */
export function mergeKeys(own: ReadonlyMap<string, MapEntry>, { value }: MapEntry): { entries: Map<string, MapEntry>; overrides: boolean } {
  const sources = value.kind === 'list' ? value.items.map(mapping) : value.tag === 'reset' ? [] : [mapping(value)];
  const entries = new Map<string, MapEntry>();
  for (const source of [{ entries: own }, ...sources]) {
    for (const [name, entry] of source.entries) {
      const winner = entries.get(name);
      const marks = value.kind === 'map' || source.entries === own;
      if (!winner) {
        if (marks || entry.value.tag !== 'reset') entries.set(name, marks ? entry : { ...entry, value: withoutMark(entry.value) });
      } else if (winner.value.tag === 'reset') {
        if (entry.value.tag !== 'reset') entries.set(name, { ...entry, value: { ...entry.value, tag: 'override' } });
      } else if (marks && entry.value.tag) {
        entries.set(name, { ...winner, value: { ...winner.value, tag: 'override' } });
      }
    }
  }
  return { entries, overrides: value.tag !== undefined };
}

function mapping(node: Node): MapNode {
  if (node.kind === 'map') return node;
  const actual = node.kind === 'list' ? 'a list in a list' : node.source || 'nothing';
  throw new ComposeError('COMPOSE_MERGE_KEY', node.place, `<<: expected a mapping or a list of mappings, got ${actual}`, {
    hint: 'Name an anchor of a mapping: <<: *name.',
  });
}

/** The node, which then no longer acts on earlier files. */
export function withoutMark<T extends Node>(node: T): T {
  if (!node.tag) return node;
  const { tag: _, ...rest } = node;
  return rest as T;
}
