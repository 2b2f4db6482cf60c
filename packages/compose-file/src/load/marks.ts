import type { MapEntry, MapNode, Node } from '../yaml/node.ts';

/** What `!reset` and `!override` of a file remove from what earlier files said. */
export interface Marked {
  /** The tree without what has the mark `!reset`, and without marks. */
  readonly tree: Node;
  readonly removes: readonly (readonly string[])[];
}

export function readMarks(root: Node): Marked {
  const removes: string[][] = [];
  const tree = visit(root, []);
  return { tree: tree ?? { kind: 'scalar', value: null, source: '', quoted: false, place: root.place }, removes };

  function visit(node: Node, at: string[]): Node | undefined {
    if (node.tag) removes.push(at);
    if (node.tag === 'reset') return undefined;
    const { tag: _, ...plain } = node;
    if (plain.kind === 'list') return { ...plain, items: plain.items.flatMap((item, index) => visit(item, [...at, String(index)]) ?? []) };
    if (plain.kind === 'scalar') return plain;
    const entries = new Map<string, MapEntry>();
    for (const [name, entry] of plain.entries) {
      const value = visit(entry.value, [...at, name]);
      if (value) entries.set(name, { ...entry, value });
    }
    return { ...plain, entries };
  }
}

/** The tree without what stands at the paths. Items of lists stay: the reference does not remove them. */
export function without(tree: MapNode, removes: readonly (readonly string[])[]): MapNode {
  let result = tree;
  for (const path of removes) result = removeAt(result, path) as MapNode;
  return result;
}

function removeAt(node: Node, [name, ...rest]: readonly string[]): Node {
  if (node.kind !== 'map' || name === undefined) return node;
  const entry = node.entries.get(name);
  if (!entry) return node;
  const entries = new Map(node.entries);
  if (rest.length === 0) entries.delete(name);
  else entries.set(name, { ...entry, value: removeAt(entry.value, rest) });
  return { ...node, entries };
}
