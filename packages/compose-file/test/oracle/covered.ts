import { parseAllDocuments } from 'yaml';
import { readCases, topics } from './case.ts';
import { ANY, branches, keysOf, points, type Schema } from './generate/points.ts';

/** The points of the schema that no file of the corpus shows. */
export function uncovered(root: Schema): string[] {
  const shown = new Set<string>();
  const visit = (value: unknown, schema: Schema, at: string): void => {
    const several = branches(root, schema);
    for (const { name, schema: branch } of several) {
      if (branch.type !== undefined && branch.type !== typeOf(value) && !(branch.type === 'number' && typeOf(value) === 'integer')) continue;
      const point = several.length > 1 ? `${at}|${name}` : at;
      shown.add(point);
      if (Array.isArray(value)) for (const item of value) visit(item, branch.items ?? {}, `${point}[]`);
      else if (typeof value === 'object' && value !== null) {
        const keys = new Map(keysOf(branch));
        for (const [key, inner] of Object.entries(value)) {
          const known = keys.has(key) ? key : ANY;
          const below = keys.get(known);
          if (below) visit(inner, below, `${point}.${known}`);
        }
      }
    }
  };
  for (const { files } of topics.flatMap(readCases)) {
    for (const [path, text] of Object.entries(files)) if (path.endsWith('ml')) for (const value of readable(text)) visit(value, root, '');
  }
  return points(root).filter((point) => !shown.has(point));
}

/** The documents that any parser reads. */
function readable(text: string): unknown[] {
  try {
    return parseAllDocuments(text, { merge: true, logLevel: 'silent' }).flatMap((document) =>
      document.errors.length > 0 ? [] : [document.toJS({ maxAliasCount: 500 }) as unknown],
    );
  } catch {
    return [];
  }
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
}
