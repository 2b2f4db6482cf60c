import { bareAddress, parseExtraHost } from '../values/extra-host.ts';
import type { MapNode, Node, Place } from '../yaml/node.ts';
import { dictionary, pairs } from './collections.ts';
import { typeFault, valueFault } from './faults.ts';
import { goText } from './go.ts';
import type { Key, Path } from './key.ts';
import { BOOLEAN, NULL, NUMBER, TEXT, text } from './scalars.ts';
import { asText, isNull } from './tree.ts';

const FORMS: Key['forms'] = [
  { kind: 'dictionary', names: '.+', values: { forms: [TEXT, NUMBER, BOOLEAN, NULL], type: text().type } },
  { kind: 'list', items: text(), unique: true },
];

/** Where a value comes from: a name and place instead of the value itself, which may be secret. */
export interface Origin {
  readonly file: string;
  readonly key: string;
  /** Line in the file; unknown for env files. */
  readonly line?: number;
}

/** A variable of a container; without a value, the variable is not set. */
export interface Variable {
  readonly value: string | undefined;
  readonly from: Origin;
}

export type Variables = ReadonlyMap<string, Variable>;

/** Environment variables, as a mapping or a list of `NAME=value`. */
export function variables(): Key<Variables> {
  return {
    forms: FORMS,
    type: {
      decode(node, at) {
        if (isNull(node)) return undefined;
        return new Map(pairs(node, at).map(([name, item, value]) => [named(name, node, item, at), { value, from: originOf(name, item.place) }]));
      },
      print: (value) => (value && value.size > 0 ? dictionary([...value].map(([name, variable]) => [name, variable.value ?? null])) : undefined),
    },
  };
}

function named(name: string, node: Node, item: Node, at: Path): string {
  if (node.kind === 'list' && /\s$/.test(name))
    throw valueFault(item.place, at, `the name ${JSON.stringify(name)} ends in a blank`, 'Delete the blank before "=".');
  return name;
}

function originOf(key: string, { file, line }: Place): Origin {
  return { file, key, line };
}

/** Labels and the like, as a mapping or a list of `name=value`; without a value: the empty text. */
export function labels(): Key<ReadonlyMap<string, string>> {
  return {
    forms: FORMS,
    type: {
      decode: (node, at) => (isNull(node) ? undefined : new Map(pairs(node, at).map(([name, , value]) => [name, value ?? '']))),
      print: (value) => (value && value.size > 0 ? dictionary(value) : undefined),
    },
  };
}

/** SSH keys of a build: a mapping of id and path; the default agent has no path. */
export function sshKeys(): Key<ReadonlyMap<string, string>> {
  return {
    forms: FORMS,
    type: {
      decode: (node, at) => (isNull(node) ? undefined : new Map(pairs(node, at).map(([name, , value]) => [name, value ?? '']))),
      print: (value) => (value && value.size > 0 ? [...value].map(([id, path]) => (path ? dictionary([[id, path]]) : id)) : undefined),
    },
  };
}

/** Host names and their addresses: a list of `name=address` or `name:address`, or a mapping of name and one or more addresses. */
export function hosts(): Key<ReadonlyMap<string, readonly string[]>> {
  return {
    forms: [
      { kind: 'dictionary', names: '.+', values: { forms: [TEXT, { kind: 'list', items: text() }], type: text().type } },
      { kind: 'list', items: text(), unique: true },
    ],
    type: {
      decode: (node, at) => (isNull(node) ? undefined : readHosts(node, at)),
      print: (value) =>
        value && value.size > 0 ? [...value].flatMap(([name, addresses]) => addresses.map((address) => `${name}=${address}`)).sort() : undefined,
    },
  };
}

function readHosts(node: Node, at: Path): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const { name, addresses } of node.kind === 'map' ? hostEntries(node, at) : hostItems(node, at))
    found.set(name, [...(found.get(name) ?? []), ...addresses]);
  return found;
}

function hostItems(node: Node, at: Path): ReturnType<typeof parseExtraHost>[] {
  if (node.kind !== 'list') throw typeFault(node, at, 'a list of name=address, or a mapping');
  return node.items.map((item) => parseExtraHost(item.kind === 'scalar' ? goText(item.value) : '', item.place));
}

function hostEntries(node: MapNode, at: Path): ReturnType<typeof parseExtraHost>[] {
  return [...node.entries].map(([name, { keyPlace, value }]) => {
    if (name === '' || /[:=]/.test(name)) throw valueFault(keyPlace, at, `${JSON.stringify(name)} is not a host name`, 'Write a name without ":" and "=".');
    const items = isNull(value)
      ? ['']
      : value.kind === 'list'
        ? value.items.map((item) => (item.kind === 'scalar' ? goText(item.value) : ''))
        : [asText(value)];
    if (!items.every((item) => item !== undefined)) throw typeFault(value, [...at, name], 'an address, or a list of addresses');
    return { name, addresses: items.map(bareAddress) };
  });
}
