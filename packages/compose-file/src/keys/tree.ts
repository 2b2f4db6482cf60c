import { TimestampValue, type ListNode, type MapEntry, type MapNode, type Node, type Place, type ScalarNode, type ScalarValue } from '../yaml/node.ts';

/** A scalar that the file does not have as such: made of a short form, or a default. */
export function scalar(value: ScalarValue, place: Place): ScalarNode {
  return { kind: 'scalar', value, source: String(value), quoted: typeof value === 'string', place };
}

export function text(value: string, place: Place): ScalarNode {
  return scalar(value, place);
}

export function list(items: readonly Node[], place: Place): ListNode {
  return { kind: 'list', items, place };
}

/** A mapping of names and nodes; entries that are undefined are left out. */
export function map(entries: Readonly<Record<string, Node | undefined>>, place: Place): MapNode {
  const present = Object.entries(entries).flatMap(([name, value]) => (value ? [[name, { keyPlace: value.place, value }] as const] : []));
  return { kind: 'map', entries: new Map(present), place };
}

export function mapOf(entries: ReadonlyMap<string, MapEntry>, place: Place): MapNode {
  return { kind: 'map', entries, place };
}

/** A tree of plain values, all at one place. */
export function nodeOf(value: object | string | number | boolean, place: Place): Node {
  if (typeof value !== 'object') return scalar(typeof value === 'number' ? BigInt(value) : value, place);
  return map(Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, nodeOf(inner as string, place)])), place);
}

/** The node below a name, if this is a mapping that has it. */
export function get(node: Node | undefined, name: string): Node | undefined {
  return node?.kind === 'map' ? node.entries.get(name)?.value : undefined;
}

/** The text below a name; undefined when there is none or it is not a text. */
export function getText(node: Node | undefined, name: string): string | undefined {
  return asText(get(node, name));
}

export function asText(node: Node | undefined): string | undefined {
  return node?.kind === 'scalar' && typeof node.value === 'string' ? node.value : undefined;
}

export function isNull(node: Node | undefined): boolean {
  return node?.kind === 'scalar' && node.value === null;
}

/** The mapping with an entry that nobody wrote. */
export function withDefault(node: MapNode, name: string, value: Node): MapNode {
  return withEntry(node, name, { ...value, implied: true });
}

/** The mapping with one entry more, or another value for it. */
export function withEntry(node: MapNode, name: string, value: Node): MapNode {
  return { ...node, entries: new Map([...node.entries, [name, { keyPlace: node.entries.get(name)?.keyPlace ?? value.place, value }]]) };
}

export function withoutEntry(node: MapNode, name: string): MapNode {
  return { ...node, entries: new Map([...node.entries].filter(([other]) => other !== name)) };
}

/** `$A and $B` */
export function formatVariables(names: readonly string[]): string {
  return names.map((name) => `$${name}`).join(' and ');
}

/** What an error says of a node: its kind, or its text. */
export function describe(node: Node): string {
  if (node.kind !== 'scalar') return node.kind === 'map' ? 'a mapping' : 'a list';
  if (node.value === null) return 'nothing';
  if (node.value instanceof TimestampValue) return `the date ${node.source}`;
  // The value of a variable may be secret.
  if (node.variables) return `what ${formatVariables(node.variables)} made of it`;
  if (typeof node.value === 'string') return `the text ${JSON.stringify(node.value.length > 60 ? `${node.value.slice(0, 57)}...` : node.value)}`;
  return typeof node.value === 'boolean' ? `the boolean ${node.value}` : `the number ${node.source}`;
}

/** Whether two trees say the same, places and order of keys aside. */
export function equal(one: Node, other: Node): boolean {
  if (one.kind === 'scalar') return other.kind === 'scalar' && equalScalar(one.value, other.value);
  if (one.kind === 'list')
    return other.kind === 'list' && one.items.length === other.items.length && one.items.every((item, index) => equal(item, other.items[index]!));
  if (other.kind !== 'map' || one.entries.size !== other.entries.size) return false;
  return [...one.entries].every(([name, { value }]) => {
    const twin = other.entries.get(name);
    return twin !== undefined && equal(value, twin.value);
  });
}

function equalScalar(one: ScalarValue, other: ScalarValue): boolean {
  if (one instanceof TimestampValue) return other instanceof TimestampValue && one.text === other.text;
  return one === other;
}
