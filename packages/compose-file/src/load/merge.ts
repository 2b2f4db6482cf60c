import { ComposeError } from '../errors.ts';
import { goText } from '../keys/go.ts';
import { keyOfEntry, keyOfItems } from '../keys/lookup.ts';
import { formatPath, type Key, type MergeRule, type Path } from '../keys/key.ts';
import { started } from '../keys/long-forms.ts';
import { table } from '../keys/project.ts';
import { asText, describe, equal, get, isNull, list, map, scalar, text } from '../keys/tree.ts';
import type { ListNode, MapEntry, MapNode, Node, Place } from '../yaml/node.ts';

/** Lays a later file over an earlier one, by the rules of the table. */
export function mergeFiles(base: MapNode, over: MapNode): MapNode {
  return mergeMaps(base, over, table, []);
}

/** Lays a service over the one that it extends. */
export function mergeServices(base: MapNode, over: MapNode, name: string): MapNode {
  return mergeMaps(base, over, keyOfEntry(keyOfEntry(table, 'services'), name), ['services', name]);
}

function merge(base: Node, over: Node, key: Key | undefined, at: Path): Node {
  if (key?.merge) return byRule(key.merge, base, over, key, at);
  if (isNull(over)) return base;
  if (base.kind === 'scalar') return over;
  if (base.kind === 'map' && over.kind === 'map') return mergeMaps(base, over, key, at);
  if (base.kind === 'list' && over.kind === 'list') return { ...over, items: [...base.items, ...over.items] };
  throw cannotOverride(base, over, at);
}

function mergeMaps(base: MapNode, over: MapNode, key: Key | undefined, at: Path): MapNode {
  const entries = new Map<string, MapEntry>(base.entries);
  for (const [name, entry] of over.entries) {
    const earlier = base.entries.get(name);
    entries.set(name, earlier ? { ...entry, value: merge(earlier.value, entry.value, keyOfEntry(key, name), [...at, name]) } : entry);
  }
  return { ...base, entries };
}

function byRule(rule: MergeRule, base: Node, over: Node, key: Key, at: Path): Node {
  if (['build', 'names', 'dependencies'].includes(rule)) {
    if (isNull(over)) return base;
    if (isNull(base)) throw cannotOverride(base, over, at);
  }
  switch (rule) {
    case 'replace':
      return over;
    case 'lists':
      return list([...asList(base), ...asList(over)], over.place);
    case 'hosts': {
      const earlier = asList(base);
      return list([...earlier, ...asList(over).filter((item) => !earlier.some((one) => equal(one, item)))], over.place);
    }
    case 'build':
      return mergeMaps(asBuild(base, over, at), asBuild(over, base, at), key, at);
    case 'names':
      return mergeMaps(
        asMap(base, (place) => scalar(null, place)),
        asMap(over, (place) => scalar(null, place)),
        key,
        at,
      );
    case 'dependencies':
      return mergeMaps(asMap(base, started), asMap(over, started), key, at);
    case 'logging':
      return mergeLogging(base, over, key, at);
    case 'pools':
      return mergePools(base, over, key, at);
  }
}

function asList(node: Node): readonly Node[] {
  if (node.kind === 'list') return node.items;
  if (node.kind === 'scalar') return asText(node) === undefined ? [] : [node];
  const items = [...node.entries].flatMap(([name, { keyPlace, value }]) => asItems(name, keyPlace, value));
  return items.sort((one, other) => (one.source < other.source ? -1 : one.source > other.source ? 1 : 0));
}

function asItems(name: string, keyPlace: Place, value: Node): ReturnType<typeof text>[] {
  if (isNull(value)) return [text(name, keyPlace)];
  if (value.kind === 'list') return value.items.flatMap((item) => (item.kind === 'scalar' ? [text(`${name}=${goText(item.value)}`, item.place)] : []));
  return value.kind === 'scalar' ? [text(`${name}=${goText(value.value)}`, value.place)] : [];
}

function asMap(node: Node, value: (place: Place) => Node): MapNode {
  if (node.kind === 'map') return node;
  const names = node.kind === 'list' ? node.items : [];
  const entries = names.flatMap((item): [string, MapEntry][] => {
    const name = asText(item);
    return name === undefined ? [] : [[name, { keyPlace: item.place, value: value(item.place) }]];
  });
  return { kind: 'map', place: node.place, entries: new Map(entries) };
}

function asBuild(node: Node, other: Node, at: Path): MapNode {
  if (node.kind === 'map') return node;
  if (asText(node) !== undefined) return map({ context: node }, node.place);
  throw cannotOverride(other, node, at);
}

/** Options of one driver mean nothing to another one. */
function mergeLogging(base: Node, over: Node, key: Key, at: Path): Node {
  if (base.kind !== 'map' || over.kind !== 'map') throw cannotOverride(base, over, at);
  const [earlier, later] = [get(base, 'driver'), get(over, 'driver')];
  return !earlier || !later || equal(earlier, later) ? mergeMaps(base, over, key, at) : over;
}

/** For each earlier pool the later ones in turn: with the same subnet they are merged, else the later one is added. */
function mergePools(base: Node, over: Node, key: Key, at: Path): ListNode {
  if (base.kind !== 'list' || over.kind !== 'list') throw cannotOverride(base, over, at);
  const pools: MapNode[] = [];
  const subnet = (pool: Node): string | undefined => asText(get(pool, 'subnet'));
  const indexOf = (pool: Node): number => pools.findIndex((one) => subnet(one) === subnet(pool));
  for (const earlier of base.items.filter((item) => item.kind === 'map')) {
    for (const later of over.items.filter((item) => item.kind === 'map')) {
      if (subnet(later) !== subnet(earlier) && indexOf(later) < 0) {
        pools.push(later);
        continue;
      }
      const merged = mergeMaps(earlier, later, keyOfItems(key), [...at, 0]);
      const index = indexOf(merged);
      if (index < 0) pools.push(merged);
      else pools[index] = merged;
    }
  }
  return { ...over, items: pools };
}

function cannotOverride(base: Node, over: Node, at: Path): ComposeError {
  const there = `${base.place.file}:${base.place.line}`;
  return new ComposeError('COMPOSE_MERGE', over.place, `${formatPath(at)}: ${describe(over)} cannot be laid over ${describe(base)} of ${there}`, {
    hint: 'Write both in the same form, or put !override before this value.',
  });
}
