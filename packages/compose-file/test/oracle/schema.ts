import { isDeepStrictEqual } from 'node:util';
import { branches, keysOf, resolve, type Schema } from './generate/points.ts';

/** Words of a schema that say what is taken; all others are for people and tools. */
const WORDS = ['type', 'enum', 'pattern', 'minimum', 'maximum'] as const;

/** What the official schema says and ours does not, or the other way: by place, with both. */
export function schemaDifferences(official: Schema, ours: Schema): string[] {
  return compare(official, official, ours, ours, '');
}

function compare(officialRoot: Schema, official: Schema, ourRoot: Schema, ours: Schema, at: string): string[] {
  const theirBranches = byType(officialRoot, official);
  const ourBranches = byType(ourRoot, ours);
  const types = [...new Set([...theirBranches.keys(), ...ourBranches.keys()])].sort();
  return types.flatMap((type) => {
    const place = types.length > 1 ? `${at}|${type}` : at || 'the file';
    const theirs = theirBranches.get(type);
    const own = ourBranches.get(type);
    if (!theirs) return [`${place}: only ours`];
    if (!own) return [`${place}: only the official schema`];
    return [
      ...compareWords(theirs, own, place),
      ...compareKeys(officialRoot, theirs, ourRoot, own, place),
      ...compareItems(officialRoot, theirs, ourRoot, own, place),
    ];
  });
}

/** The branches of a schema; those of one type differ in nothing that is compared. */
function byType(root: Schema, schema: Schema): Map<string, Schema> {
  return new Map(branches(root, schema).map((branch) => [String(branch.schema.type ?? 'any'), branch.schema]));
}

function compareWords(official: Schema, ours: Schema, at: string): string[] {
  const words = (schema: Schema): Record<string, unknown> => ({
    ...Object.fromEntries(WORDS.map((word) => [word, schema[word]])),
    required: [...(schema.required ?? [])].sort(),
    unique: schema.uniqueItems ?? false,
    extensible: schema.type === 'object' && '^x-' in (schema.patternProperties ?? {}),
    open: schema.type === 'object' && schema.additionalProperties !== false,
  });
  const [theirs, own] = [words(official), words(ours)];
  return Object.keys(theirs)
    .filter((word) => !isDeepStrictEqual(theirs[word], own[word]))
    .map((word) => `${at}: ${word} is ${JSON.stringify(own[word])} with us, ${JSON.stringify(theirs[word])} officially`);
}

function compareKeys(officialRoot: Schema, official: Schema, ourRoot: Schema, ours: Schema, at: string): string[] {
  const theirs = new Map(keysOf(official));
  const own = new Map(keysOf(ours));
  const patterns = (schema: Schema): string[] => Object.keys(schema.patternProperties ?? {}).filter((pattern) => pattern !== '^x-');
  const names = isDeepStrictEqual(patterns(official), patterns(ours))
    ? []
    : [`${at}: names are ${patterns(ours).join()} with us, ${patterns(official).join()} officially`];
  const keys = [...new Set([...theirs.keys(), ...own.keys()])].flatMap((key) => {
    const place = `${at === 'the file' ? '' : at}.${key}`;
    const [one, other] = [theirs.get(key), own.get(key)];
    if (!one) return [`${place}: only ours`];
    if (!other) return [`${place}: only the official schema`];
    return compare(officialRoot, resolve(officialRoot, one), ourRoot, resolve(ourRoot, other), place);
  });
  return [...names, ...keys];
}

function compareItems(officialRoot: Schema, official: Schema, ourRoot: Schema, ours: Schema, at: string): string[] {
  if (!official.items && !ours.items) return [];
  if (!official.items || !ours.items) return [`${at}: only one has items`];
  return compare(officialRoot, official.items, ourRoot, ours.items, `${at}[]`);
}
