import type { Warn } from '../interpolate/interpolate.ts';
import type { Node } from '../yaml/node.ts';

/** What prints as JSON. Numbers that JavaScript cannot hold exactly are bigint. */
export type Json = string | number | bigint | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** A form that a file may write a value in; a key has one or more, which differ by the kind of the value. */
export type Form =
  | { readonly kind: 'text'; readonly pattern?: string; readonly values?: readonly string[] }
  | { readonly kind: 'integer' | 'number'; readonly minimum?: number; readonly maximum?: number }
  | { readonly kind: 'boolean' | 'null' }
  | { readonly kind: 'list'; readonly items: Key; readonly unique?: boolean }
  | { readonly kind: 'object'; readonly keys: Keys; readonly required?: readonly string[]; readonly extensible?: boolean; readonly open?: boolean }
  | { readonly kind: 'dictionary'; readonly values?: Key; readonly names: string; readonly open?: boolean; readonly extensible?: boolean };

/** How a value that passed validation is read and printed. */
export interface Type<T> {
  /** The model's value; undefined: as if the key was not there. Throws ComposeError. */
  decode(node: Node, at: Path): T | undefined;
  /** The value as the reference prints it; undefined: the reference leaves the key out. `value` is undefined when the key is not there. */
  print(value: T | undefined): Json | undefined;
}

/** Keys and indices that lead to a node of the tree. */
export type Path = readonly (string | number)[];

/** What the OS does with a key: does what Compose says, but with some values; or it is limited in one way whatever the value. */
export type Status = { readonly class: 'done'; readonly except?: readonly Case[] } | Limit;

/** The OS takes a key, but it changes nothing here; refuses it; or does it, though it weakens what the OS promises. */
export type Limit =
  | { readonly class: 'without effect'; readonly reason: string }
  | { readonly class: 'refused'; readonly reason: string; readonly instead: string }
  | { readonly class: 'opt-out'; readonly reason: string };

/** Values of a key that the OS treats otherwise than the others. */
export interface Case {
  /** For people: the value itself, or what such values have in common. */
  readonly value: string;
  /** Of the model's value; of a list, each item is asked about. */
  matches(value: unknown): boolean;
  readonly status: Limit;
}

/**
 * How a later file, or a service that extends another, changes the value of an earlier one. Without a rule, mappings are merged by key, lists are
 * joined, and of two scalars the later one is taken.
 */
export type MergeRule =
  /** The later value is taken whole. */
  | 'replace'
  /** Both become lists (`key=value`), which are joined. */
  | 'lists'
  /** As `lists`, without entries that the earlier list has. */
  | 'hosts'
  /** A text is the value of `context`. */
  | 'build'
  /** A list of names becomes a mapping. */
  | 'names'
  | 'dependencies'
  /** Options stay while the driver is the same. */
  | 'logging'
  /** Pools with the same subnet are merged. */
  | 'pools';

/** Where relative paths begin. */
export interface Directories {
  /** Of the file that says the path, or of its project. */
  readonly directory: string;
  /** What `~` stands for. */
  readonly home: string | undefined;
}

/** The type that a text gets after interpolation. */
export type Cast = 'integer' | 'float' | 'float32' | 'boolean';

/** All that is known of one key of the specification. */
export interface Rules {
  readonly merge?: MergeRule;
  /** Of two items of the list with the same identity the later one is taken, in the place of the earlier one. */
  readonly identity?: (item: Node, at: Path) => string;
  readonly cast?: Cast;
  /** Short form → long form. */
  readonly long?: (node: Node, at: Path, warn?: Warn) => Node;
  /** Adds what a long form leaves to a default. */
  readonly fill?: (node: Node, at: Path) => Node;
  /** Makes paths absolute. */
  readonly resolve?: (node: Node, from: Directories, at: Path) => Node;
  /** Throws ComposeError for what the forms cannot express. */
  readonly check?: (node: Node, at: Path) => void;
}

export interface Key<T = unknown> extends Rules {
  readonly forms: readonly Form[];
  readonly type: Type<T>;
  /** Without one, that of the key around it. */
  readonly status?: Status;
  readonly description?: string;
}

export type Keys = Readonly<Record<string, Key>>;

/** What a model has for keys of the table. */
export type ModelOf<K extends Keys> = { -readonly [P in keyof K]?: K[P] extends Key<infer T> ? T : never } & {
  /** Keys that begin with x-, as they stand in the file. */
  extensions?: ReadonlyMap<string, Node>;
};

/** A key of the table: its forms and type, what the OS does with it, what it means, its rules. */
export function key<T>(shape: Key<T>, description: string, status?: Status, rules?: Rules): Key<T> {
  return { ...shape, ...rules, description, ...(status ? { status } : {}) };
}

/** A shape with other rules, for items of lists and values of dictionaries, which have no description of their own. */
export function ruled<T>(shape: Key<T>, rules: Rules): Key<T> {
  return { ...shape, ...rules };
}

/** A shape that may also be written in other forms, which `long` or `decode` turns into its own. */
export function also<T>(shape: Key<T>, ...forms: readonly Form[]): Key<T> {
  return { ...shape, forms: [...forms, ...shape.forms] };
}

/** A shape that prints as `zero` when it is not there, or is zero. */
export function always<T>(shape: Key<T>, zero: Json): Key<T> {
  return { ...shape, type: { ...shape.type, print: (value) => shape.type.print(value) ?? zero } };
}

export const done: Status = { class: 'done' };

export function doneExcept(...except: readonly Case[]): Status {
  return { class: 'done', except };
}

export function withoutEffect(reason: string): Limit {
  return { class: 'without effect', reason };
}

export function refused(reason: string, instead: string): Limit {
  return { class: 'refused', reason, instead };
}

/** `services.web.ports[0]` */
export function formatPath(path: Path): string {
  return path.map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`)).join('') || 'the file';
}

const FORM_NAMES: Readonly<Record<Form['kind'], string>> = {
  text: 'a text',
  integer: 'an integer',
  number: 'a number',
  boolean: 'true or false',
  null: 'nothing',
  list: 'a list',
  object: 'a mapping',
  dictionary: 'a mapping',
};

/** `a text or a list` */
export function formatForms(forms: readonly Form[]): string {
  const names = [...new Set(forms.map(({ kind }) => FORM_NAMES[kind]))];
  return names.length < 2 ? (names[0] ?? 'nothing') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}
