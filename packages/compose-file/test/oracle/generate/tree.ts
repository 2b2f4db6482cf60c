import { stringify } from 'yaml';

/** How a scalar is written; `variable` and `default` leave its text to interpolation. */
export type Style = 'plain' | 'single' | 'double' | 'variable' | 'default';

/** A generated YAML tree. `source` is written as it is, for scalars whose text decides their type. `point` is the one of the schema that a node shows. */
export type Tree = { readonly point?: string | undefined } & (
  | { readonly kind: 'source'; readonly source: string }
  | { readonly kind: 'text'; readonly text: string; readonly style: Style }
  | { readonly kind: 'list'; readonly items: readonly Tree[]; readonly anchored?: boolean | undefined; readonly tag?: string | undefined }
  /** `merged` entries, the first ones, come by a merge key. */
  | { readonly kind: 'map'; readonly entries: readonly Entry[]; readonly merged?: number | undefined; readonly tag?: string | undefined }
);
export type Entry = readonly [key: string, value: Tree];

export const source = (text: string): Tree => ({ kind: 'source', source: text });
export const text = (value: string, style: Style = 'plain'): Tree => ({ kind: 'text', text: value, style });
export const list = (items: readonly Tree[]): Tree => ({ kind: 'list', items });
export const map = (entries: readonly Entry[]): Tree & { kind: 'map' } => ({ kind: 'map', entries });

/** Text of a file; variables that it needs are added to `variables`. Anchors have `name` in them: one that another file has too would be merged. */
export function render(tree: Tree & { kind: 'map' }, name: string, variables: Map<string, string>): string {
  const anchors: string[] = [];
  const anchor = (written: string): string => `x-${name}-${anchors.push(written)}`;
  const write = (node: Tree): string => {
    if (node.kind === 'source') return node.source;
    if (node.kind === 'text') return writeText(node, variables);
    if (node.kind === 'list') {
      const items = `${node.tag ? `${node.tag} ` : ''}[${node.items.map(write).join(', ')}]`;
      return node.anchored ? `*${anchor(items)}` : items;
    }
    const merged = node.entries.slice(0, node.merged ?? 0);
    const own = node.entries.slice(merged.length).map(([key, value]) => writeEntry(key, write(value)));
    if (merged.length > 0) own.push(`<<: *${anchor(`{ ${merged.map(([key, value]) => writeEntry(key, write(value))).join(', ')} }`)}`);
    return `${node.tag ? `${node.tag} ` : ''}{ ${own.join(', ')} }`;
  };
  const top = tree.entries.map(([key, value]) => (value.kind === 'map' && key === 'services' ? block(key, value, write) : writeEntry(key, write(value))));
  return [...anchors.map((written, index) => `x-${name}-${index + 1}: &x-${name}-${index + 1} ${written}`), ...top, ''].join('\n');
}

/** Services stand one below the other: what a person reads. */
function block(key: string, services: Tree & { kind: 'map' }, write: (node: Tree) => string): string {
  if (services.entries.length === 0) return `${key}: {}`;
  const written = services.entries.map(([name, service]) => {
    if (service.kind !== 'map' || service.merged || service.tag || service.entries.length === 0) return `  ${writeEntry(name, write(service))}`;
    return [`  ${writeEntry(name, '')}`.trimEnd(), ...service.entries.map(([inner, value]) => `    ${writeEntry(inner, write(value))}`)].join('\n');
  });
  return `${key}:\n${written.join('\n')}`;
}

function writeEntry(key: string, value: string): string {
  return `${/^[A-Za-z_][\w.-]*$/.test(key) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(key) ? key : JSON.stringify(key)}: ${value}`;
}

function writeText({ text: value, style }: Tree & { kind: 'text' }, variables: Map<string, string>): string {
  if (style === 'variable' && !/['\n\\]/.test(value)) {
    const name = [...variables].find(([, other]) => other === value)?.[0] ?? `V${variables.size}`;
    variables.set(name, value);
    return `"\${${name}}"`;
  }
  if (style === 'default' && value !== '' && !/[}\n]/.test(value)) return `'\${UNSET:-${value.replaceAll("'", "''").replaceAll('$', '$$$$')}}'`;
  const escaped = value.replaceAll('$', '$$$$');
  if (style === 'single' && !/[\n]/.test(escaped)) return `'${escaped.replaceAll("'", "''")}'`;
  if (style === 'plain' && !/[\n]/.test(escaped)) {
    const plain = stringify(escaped, { lineWidth: 0, version: '1.1' }).trim();
    return plain === escaped && /^[\w./][\w ./$@=+:-]*$/.test(plain) ? plain : `'${escaped.replaceAll("'", "''")}'`;
  }
  return JSON.stringify(escaped);
}
