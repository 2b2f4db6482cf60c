import { TimestampValue } from '../src/yaml/node.ts';
import type { Node } from '../src/yaml/node.ts';
import { parseYaml } from '../src/yaml/parse.ts';

/** The values of the only document of a text. */
export function read(text: string): unknown {
  const [node, ...more] = parseYaml(text, 'compose.yaml');
  if (!node || more.length > 0) throw new Error(`${more.length + (node ? 1 : 0)} documents`);
  return plain(node);
}

/** A tree as plain values: integers are bigint, a date is its text, a mark is told as `!reset` before the value. */
export function plain(node: Node): unknown {
  const value =
    node.kind === 'list'
      ? node.items.map(plain)
      : node.kind === 'map'
        ? Object.fromEntries([...node.entries].map(([name, entry]) => [name, plain(entry.value)]))
        : node.value instanceof TimestampValue
          ? node.value.text
          : node.value;
  return node.tag ? { [`!${node.tag}`]: value } : value;
}
