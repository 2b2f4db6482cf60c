import type { MapEntry, Node, ScalarNode } from '../yaml/node.ts';
import { interpolate, type Lookup, type Warn } from './interpolate.ts';

/**
 * The tree with the variables in its scalars replaced, those in disabled services and `x-` keys too. Keys are not interpolated. A scalar that had a variable
 * is a string after it, whatever it looks like; the type that its key wants is the caller's to make.
 */
export function interpolateTree(root: Node, lookup: Lookup, warn: Warn): Node {
  // Aliases share their nodes.
  const done = new Map<Node, Node>();
  return visit(root);

  function visit(node: Node): Node {
    const known = done.get(node);
    if (known) return known;
    const result =
      node.kind === 'scalar' ? interpolateScalar(node, lookup, warn) : node.kind === 'list' ? { ...node, items: node.items.map(visit) } : visitMap(node);
    done.set(node, result);
    return result;
  }

  function visitMap(node: Node & { kind: 'map' }): Node {
    const entries = new Map<string, MapEntry>();
    for (const [name, entry] of node.entries) entries.set(name, { ...entry, value: visit(entry.value) });
    return { ...node, entries };
  }
}

function interpolateScalar(node: ScalarNode, lookup: Lookup, warn: Warn): ScalarNode {
  if (typeof node.value !== 'string' || !node.value.includes('$')) return node;
  const variables = new Set<string>();
  const value = interpolate(node.value, (name) => (variables.add(name), lookup(name)), node.place, warn);
  return { ...node, value, source: value, ...(variables.size > 0 && { variables: [...variables] }) };
}
