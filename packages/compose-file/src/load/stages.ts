import { table } from '../keys/project.ts';
import { longPorts, MOST_PORTS, tooManyPorts } from '../keys/long-forms.ts';
import { castBoolean, castFloat, castInteger } from '../keys/scalars.ts';
import { float32 } from '../keys/go.ts';
import type { Warn } from '../interpolate/interpolate.ts';
import { formatPath, type Cast, type Directories, type Path } from '../keys/key.ts';
import { asText, isNull } from '../keys/tree.ts';
import type { ListNode, MapNode, Node, ScalarNode } from '../yaml/node.ts';
import { walk } from './walk.ts';

/** Each stage of the reference's way from text to model is one walk over the table. */

/** After interpolation, texts of keys with a type become values of that type. */
export function castTexts(tree: MapNode, warn: Warn): MapNode {
  return stage(tree, (node, key, at) => (key.cast && asText(node) !== undefined ? { ...(node as ScalarNode), value: cast(key.cast, node, at, warn) } : node));
}

function cast(to: Cast, node: Node, at: Path, warn: Warn): ScalarNode['value'] {
  const text = asText(node) ?? '';
  if (to === 'boolean') {
    const value = castBoolean(text, node, at);
    if (!/^(true|false)$/i.test(text)) warn(node.place, `${formatPath(at)}: ${JSON.stringify(text)} is taken for ${value}, as in YAML 1.1; write ${value}`);
    return value;
  }
  if (to === 'integer') return castInteger(text, node, at);
  return to === 'float' ? castFloat(text, node, at) : float32(castFloat(text, node, at));
}

/** Of items with the same identity the last one is kept, in the place of the first. */
export function withoutTwins(tree: MapNode): MapNode {
  return stage(tree, (node, key, at) => (key.identity && node.kind === 'list' ? unique(node, key.identity, at) : node));
}

function unique(node: ListNode, identity: (item: Node, at: Path) => string, at: Path): ListNode {
  const items = new Map<string, Node>();
  for (const [index, item] of node.items.entries()) items.set(identity(item, [...at, index]), item);
  return items.size === node.items.length ? node : { ...node, items: [...items.values()] };
}

/** Short forms become long ones. */
export function lengthened(tree: MapNode, warn: Warn): MapNode {
  let ports = 0;
  return stage(tree, (node, key, at) => {
    const long = key.long?.(node, at, warn) ?? node;
    if (key.long === longPorts && long.kind === 'list') ports += long.items.length;
    if (ports > MOST_PORTS) throw tooManyPorts(node.place, at);
    return long;
  });
}

/** Of lists of DNS servers, empty entries are dropped: a variable may be unset. */
export function withoutEmptyServers(tree: MapNode): MapNode {
  return stage(tree, (node, _key, at) => {
    if (at.length !== 3 || at[0] !== 'services' || at[2] !== 'dns' || node.kind !== 'list') return node;
    const items = node.items.filter((item) => !isNull(item) && asText(item) !== '');
    return items.length === node.items.length ? node : { ...node, items };
  });
}

export function filledIn(tree: MapNode): MapNode {
  return stage(tree, (node, key, at) => key.fill?.(node, at) ?? node);
}

export function checked(tree: MapNode): MapNode {
  return stage(tree, (node, key, at) => {
    key.check?.(node, at);
    return node;
  });
}

/** Paths become absolute, from the directory of the file that says them. */
export function resolved(tree: MapNode, from: Directories): MapNode {
  return stage(tree, (node, key, at) => key.resolve?.(node, from, at) ?? node);
}

function stage(tree: MapNode, change: Parameters<typeof walk>[3]): MapNode {
  return walk(tree, table, [], change) as MapNode;
}
