import { withoutMark } from './merge.ts';
import type { MapEntry, Node } from './node.ts';

/**
 * What an alias of the node stands for: `!reset` inside an anchor acts where the anchor stands and is gone for its aliases; the node's own mark stays.
 */
export function asAliased(node: Node): Node {
  return changed(node, (child) => (child.tag === 'reset' ? undefined : asAliased(child)));
}

/** The content of `!override`, in which no mark has an effect. */
export function withoutMarks(node: Node): Node {
  return changed(node, (child) => withoutMark(withoutMarks(child)));
}

/** The node with other children, or itself when none changes: most nodes are shared. */
function changed(node: Node, change: (child: Node) => Node | undefined): Node {
  if (node.kind === 'scalar') return node;
  if (node.kind === 'list') {
    const items = node.items.map(change);
    if (items.every((item, index) => item === node.items[index])) return node;
    return { ...node, items: items.filter((item) => item !== undefined) };
  }
  let same = true;
  const entries = new Map<string, MapEntry>();
  for (const [name, entry] of node.entries) {
    const value = change(entry.value);
    same &&= value === entry.value;
    if (value) entries.set(name, value === entry.value ? entry : { ...entry, value });
  }
  return same ? node : { ...node, entries };
}
