import type { Node } from '../yaml/node.ts';
import { typeFault } from './faults.ts';
import { goText } from './go.ts';
import type { Form, Json, Key, Keys, ModelOf, Path, Type } from './key.ts';
import { NULL, TEXT, text } from './scalars.ts';
import { isNull } from './tree.ts';

/** What a dictionary prints as: its names may be anything, `__proto__` too. */
export function dictionary(entries: Iterable<readonly [string, Json]>): { [name: string]: Json } {
  const object = Object.create(null) as { [name: string]: Json };
  for (const [name, value] of entries) object[name] = value;
  return object;
}

/** A list; an empty one prints as if the key was not there. */
export function listOf<T>(items: Key<T>, { unique }: { unique?: boolean } = {}): Key<readonly T[]> {
  return {
    forms: [{ kind: 'list', items, ...(unique ? { unique } : {}) }],
    type: {
      decode(node, at) {
        if (isNull(node)) return undefined;
        if (node.kind !== 'list') throw typeFault(node, at, 'a list');
        return node.items.flatMap((item, index) => items.type.decode(item, [...at, index]) ?? []);
      },
      print: (value) => (value && value.length > 0 ? value.map((item) => items.type.print(item) ?? emptyOf(item)) : undefined),
    },
  };
}

/** In a list, what is zero prints all the same. */
function emptyOf(item: unknown): Json {
  return typeof item === 'boolean' || typeof item === 'number' || typeof item === 'string' ? item : null;
}

export function texts({ unique }: { unique?: boolean } = {}): Key<readonly string[]> {
  return listOf(text(), unique ? { unique } : {});
}

/** A list of texts, or one text. */
export function textOrTexts({ unique }: { unique?: boolean } = {}): Key<readonly string[]> {
  const many = texts(unique ? { unique } : {});
  return {
    forms: [TEXT, ...many.forms],
    type: { ...many.type, decode: (node, at) => (isText(node) ? [node.value] : many.type.decode(node, at)) },
  };
}

function isText(node: Node): node is Node & { kind: 'scalar'; value: string } {
  return node.kind === 'scalar' && typeof node.value === 'string';
}

/** A list of scalars that become texts. */
export function printed(items: Key, { unique }: { unique?: boolean } = {}): Key<readonly string[]> {
  return listOf({ forms: items.forms, type: { decode: (node) => scalarText(node), print: (value) => value } }, unique ? { unique } : {});
}

function scalarText(node: Node): string {
  return node.kind === 'scalar' ? goText(node.value) : '';
}

interface StructOptions {
  readonly required?: readonly string[];
  /** Keys that begin with x- are allowed. Default: true. */
  readonly extensible?: boolean;
  /** Keys that the table does not have are allowed. */
  readonly open?: boolean;
  /** Keys whose name in the printed form differs. */
  readonly printedAs?: Readonly<Record<string, string>>;
}

/** A mapping with known keys. */
export function struct<K extends Keys>(keys: K, { required, extensible = true, open, printedAs = {} }: StructOptions = {}): Key<ModelOf<K>> {
  return {
    forms: [{ kind: 'object', keys, extensible, ...(required ? { required } : {}), ...(open ? { open } : {}) }],
    type: {
      decode(node, at) {
        if (isNull(node)) return undefined;
        if (node.kind !== 'map') throw typeFault(node, at, 'a mapping');
        const model: Record<string, unknown> = {};
        const extensions = new Map<string, Node>();
        for (const [name, { value }] of node.entries) {
          const known = Object.hasOwn(keys, name) ? keys[name] : undefined;
          if (!known && name.startsWith('x-')) extensions.set(name, value);
          const decoded = known?.type.decode(value, [...at, name]);
          if (decoded !== undefined) model[name] = decoded;
        }
        if (extensions.size > 0) model.extensions = extensions;
        return model as ModelOf<K>;
      },
      print: (value) => (value === undefined ? undefined : printStruct(keys, value, printedAs)),
    },
  };
}

function printStruct(keys: Keys, model: Readonly<Record<string, unknown>>, printedAs: Readonly<Record<string, string>>): Json {
  const printed = Object.entries(keys).flatMap(([name, known]) => {
    const value = known.type.print(model[name]);
    return value === undefined ? [] : [[printedAs[name] ?? name, value] as const];
  });
  return Object.fromEntries(printed);
}

/** As `struct`, but prints as an empty mapping when it is not there. */
export function alwaysStruct<K extends Keys>(keys: K, options: StructOptions = {}): Key<ModelOf<K>> {
  const shape = struct(keys, options);
  return { ...shape, type: { ...shape.type, print: (value) => shape.type.print(value ?? ({} as ModelOf<K>)) } };
}

interface DictionaryOptions {
  /** A pattern that part of each name matches. Default: any name. */
  readonly names?: string;
  /** Other names are allowed too, with any value. */
  readonly open?: boolean;
  readonly extensible?: boolean;
}

/** A mapping with names of the user's. */
export function dictionaryOf<T>(values: Key<T>, { names = '.+', open, extensible }: DictionaryOptions = {}): Key<ReadonlyMap<string, T>> {
  return {
    forms: [{ kind: 'dictionary', values, names, ...(open ? { open } : {}), ...(extensible ? { extensible } : {}) }],
    type: {
      decode(node, at) {
        if (isNull(node)) return undefined;
        if (node.kind !== 'map') throw typeFault(node, at, 'a mapping');
        const entries = [...node.entries].flatMap(([name, { value }]) => {
          const decoded = values.type.decode(value, [...at, name]);
          return decoded === undefined ? [] : [[name, decoded] as const];
        });
        return new Map(entries);
      },
      print: (value) => (value && value.size > 0 ? dictionary([...value].map(([name, item]) => [name, values.type.print(item) ?? emptyOf(item)])) : undefined),
    },
  };
}

/** As `dictionaryOf`; a name without a value has the value null. */
export function dictionaryOrNull<T>(values: Key<T>, options: DictionaryOptions = {}): Key<ReadonlyMap<string, T | null>> {
  const nullable: Key<T | null> = {
    ...values,
    forms: [...values.forms, NULL],
    type: {
      decode: (node, at) => (isNull(node) ? null : values.type.decode(node, at)),
      print: (value) => (value === null || value === undefined ? null : values.type.print(value)),
    },
  };
  return dictionaryOf<T | null>(nullable, options);
}

/** A dictionary whose values are turned into texts; null into the empty text. */
export function options(values: Key, dictionaryOptions: DictionaryOptions = {}): Key<ReadonlyMap<string, string>> {
  return dictionaryOf({ forms: values.forms, type: { decode: (node) => (isNull(node) ? '' : scalarText(node)), print: (value) => value } }, dictionaryOptions);
}

/** Any mapping whose values are texts. */
export function textDictionary(form: Form): Key<ReadonlyMap<string, string>> {
  const { type } = dictionaryOf(text());
  return { forms: [form], type: { ...type, decode: (node, at) => withNulls(node, type.decode(node, at)) } };
}

function withNulls(node: Node, decoded: ReadonlyMap<string, string> | undefined): ReadonlyMap<string, string> | undefined {
  if (!decoded || node.kind !== 'map') return decoded;
  return new Map([...node.entries.keys()].map((name) => [name, decoded.get(name) ?? '']));
}

/** The type of a key that is read before the model is made. */
export const unread: Type<never> = { decode: () => undefined, print: () => undefined };

/** Where a list of `key=value` and a mapping say the same: the entries in order, a key without a value has none. */
export function pairs(node: Node, at: Path): (readonly [string, Node, string | undefined])[] {
  if (node.kind === 'map') return [...node.entries].map(([name, { value }]) => [name, value, isNull(value) ? undefined : scalarText(value)] as const);
  if (node.kind !== 'list') throw typeFault(node, at, 'a mapping, or a list of name=value');
  return node.items.map((item) => {
    const entry = scalarText(item);
    const split = entry.indexOf('=');
    return split < 0 ? ([entry, item, undefined] as const) : ([entry.slice(0, split), item, entry.slice(split + 1)] as const);
  });
}
