import * as fc from 'fast-check';
import { ANY, branches, keysOf, type Schema } from './points.ts';
import { list, map, source, text, type Entry, type Tree } from './tree.ts';
import { booleans, enumerated, integers, nothing, numbers, texts } from './values.ts';

/** What a file needs besides what the schema asks for, that the reference does not refuse it. */
const REQUIRED: readonly (readonly [point: RegExp, keys: readonly string[]])[] = [
  [/\.(ports|devices|volumes)\[\]\|\d:object$/, ['target']],
  [/\.(secrets|configs)\[\]\|1:object$/, ['source']],
  [/\.watch\[\]$/, ['target', 'exec']],
  [/^\.include\[\]\|1:object$/, ['path']],
  [/\.env_file\|1:array\[\]\|1:object$/, ['path']],
];

/** Names of the user's, by what they are names of. */
const NAMES: readonly (readonly [point: RegExp, names: readonly string[]])[] = [
  [/\.depends_on\|1:object$|\.models/, ['leaf']],
  [/\.networks(\|1:object)?$/, ['n1', 'n2', 'default']],
  [/^\.(secrets|configs)$/, ['one', 'two']],
  [/^\.volumes$/, ['data', 'more']],
  [/\.ulimits/, ['nofile', 'nproc', 'core']],
];

/** Trees for a schema. */
export class Nodes {
  readonly #root: Schema;
  readonly #avoid: ReadonlySet<string>;
  readonly #cache = new Map<string, fc.Arbitrary<Tree>>();

  /** Branches at points to `avoid` are shown only where they are wanted. */
  constructor(root: Schema, avoid: ReadonlySet<string>) {
    this.#root = root;
    this.#avoid = avoid;
  }

  /** A node for the schema at a point; it shows those of the `wanted` points that stand below it, if one node can show them all. */
  node(schema: Schema, at: string, wanted: readonly string[]): fc.Arbitrary<Tree> {
    const below = wanted.filter((one) => isBelow(one, at));
    const cached = below.length === 0 ? this.#cache.get(at) : undefined;
    if (cached) return cached;
    const several = branches(this.#root, schema);
    const named = several.map((branch) => ({ schema: branch.schema, point: several.length > 1 ? `${at}|${branch.name}` : at }));
    const aimed = named.filter(({ point }) => below.some((one) => isBelow(one, point)));
    const good = named.filter(({ point }) => !this.#avoid.has(point));
    const made = fc.oneof(
      ...(aimed.length > 0 ? aimed : good.length > 0 ? good : named).map((one) =>
        this.#branch(one.schema, one.point, below).map((tree) => ({ ...tree, point: one.point })),
      ),
    );
    if (below.length === 0) this.#cache.set(at, made);
    return made;
  }

  #branch(schema: Schema, point: string, wanted: readonly string[]): fc.Arbitrary<Tree> {
    if (schema.enum) return enumerated(schema.enum);
    const type = String(schema.type);
    switch (type) {
      case 'string':
        return texts(point);
      case 'integer':
        return integers(point, schema.minimum, schema.maximum);
      case 'number':
        return numbers(point);
      case 'boolean':
        return booleans;
      case 'null':
        return nothing;
      case 'array':
        return this.#list(schema, point, wanted);
      case 'object':
        return this.object(schema, point, wanted);
      default:
        throw new Error(`${point}: the generator knows no type ${type}`);
    }
  }

  #list({ items }: Schema, point: string, wanted: readonly string[]): fc.Arbitrary<Tree> {
    const at = `${point}[]`;
    const aimed = wanted.filter((one) => isBelow(one, at)).map((one) => maybe(this.node(items!, at, [one]), 0.95));
    const test = /healthcheck\.test/.test(point);
    const others = fc.array(this.node(items!, at, []), { minLength: test ? 1 : 0, maxLength: test ? 1 : aimed.length > 0 ? 1 : 3 });
    return fc
      .tuple(fc.tuple(...aimed), others, rarely(fc.constant(true)))
      .map(([some, more, anchored]) => ({ ...list(distinct([...some.filter((one) => one !== undefined), ...more])), anchored }));
  }

  /** An object; `more` are entries that stand before its own. */
  object(schema: Schema, point: string, wanted: readonly string[], more: readonly fc.Arbitrary<Entry | undefined>[] = []): fc.Arbitrary<Tree> {
    const keys = keysOf(schema);
    const required = [...(schema.required ?? []), ...(REQUIRED.find(([pattern]) => pattern.test(point))?.[1] ?? [])];
    const chance = Math.min(0.3, 3 / keys.length);
    const entries = keys.flatMap(([key, value]) => {
      const at = `${point}.${key}`;
      const below = wanted.filter((one) => isBelow(one, at));
      if (this.#avoid.has(at) && below.length === 0 && !required.includes(key)) return [];
      if (key !== ANY) return [entry(key, this.node(value, at, below), required.includes(key) ? 1 : below.length > 0 ? 0.97 : chance)];
      const names = NAMES.find(([pattern]) => pattern.test(point))?.[1] ?? ['A', 'B', 'c', 'D.e-f'];
      return names.map((name, index) => {
        const share = below.filter((_, position) => position % names.length === index);
        return entry(name, this.node(value, at, share), share.length > 0 ? 0.97 : 0.4);
      });
    });
    if (keys.length === 0) entries.push(entry('k', fc.constant(text('v')), 0.5));
    if (schema.patternProperties?.['^x-'] && keys.length > 0)
      entries.push(entry('x-more', fc.constantFrom(source('1'), source('{ a: [b] }'), text('$', 'plain')), 0.03));
    return fc
      .tuple(fc.tuple(...more, ...entries), rarely(fc.nat({ max: 4 })))
      .map(([made, merged]) => ({ ...map(made.filter((one) => one !== undefined)), merged }));
  }
}

function entry(key: string, value: fc.Arbitrary<Tree>, chance: number): fc.Arbitrary<Entry | undefined> {
  return maybe(value, chance).map((tree) => (tree ? ([key, tree] as const) : undefined));
}

/** Shrinks to nothing. */
export function maybe<T>(value: fc.Arbitrary<T>, chance: number): fc.Arbitrary<T | undefined> {
  if (chance >= 1) return value;
  const weight = Math.max(1, Math.round(chance * 100));
  return fc.oneof({ withCrossShrink: true }, { weight: 100 - weight, arbitrary: fc.constant(undefined) }, { weight, arbitrary: value });
}

function rarely<T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return maybe(value, 0.04);
}

/** Most lists of the schema have to have unique items. */
function distinct(items: readonly Tree[]): Tree[] {
  const key = (tree: Tree): string => (tree.kind === 'text' ? tree.text : tree.kind === 'source' ? tree.source : JSON.stringify(tree));
  return [...new Map(items.map((item) => [key(item), item])).values()];
}

function isBelow(point: string, at: string): boolean {
  return point === at || (point.startsWith(at) && /^[.[|]/.test(point.slice(at.length)));
}
