import { ComposeError } from '../errors.ts';
import { table } from '../keys/project.ts';
import { dictionary } from '../keys/collections.ts';
import type { Json } from '../keys/key.ts';
import type { Service } from '../keys/project.ts';
import { TimestampValue, type Node } from '../yaml/node.ts';
import type { Model } from '../load/model.ts';

/** The model in the form that `docker compose config --format json` prints: services that are on, what they use, each `$` doubled. */
export function print(model: Model): Json {
  const used = usedResources([...model.services.values()]);
  const only = <T>(resources: ReadonlyMap<string, T> | undefined, names: ReadonlySet<string>): ReadonlyMap<string, T> =>
    new Map([...(resources ?? [])].filter(([name]) => names.has(name)));
  const printed = table.type.print({
    name: model.name,
    services: new Map([...model.services].map(([name, service]) => [name, asPrinted(service)])),
    networks: only(model.networks, used.networks),
    volumes: only(model.volumes, used.volumes),
    secrets: only(model.secrets, used.secrets),
    configs: only(model.configs, used.configs),
  }) as { [key: string]: Json };
  const extensions = [...(model.extensions ?? [])].map(([name, node]) => [name, plain(node)] as const);
  return escaped(dictionary([['services', {}] as const, ...Object.entries(printed), ...extensions]));
}

/** Files are printed as the variables and labels that they set. */
function asPrinted({ env_file: _, label_file: __, ...service }: Service): Service {
  return service;
}

function usedResources(services: readonly Service[]): Record<'networks' | 'volumes' | 'secrets' | 'configs', ReadonlySet<string>> {
  return {
    networks: new Set(services.flatMap(({ networks }) => [...(networks?.keys() ?? [])])),
    volumes: new Set(services.flatMap(({ volumes = [] }) => volumes.flatMap(({ type, source }) => (type === 'volume' && source ? [source] : [])))),
    secrets: new Set(services.flatMap(({ secrets = [], build }) => [...secrets, ...(build?.secrets ?? [])].map(({ source = '' }) => source))),
    configs: new Set(services.flatMap(({ configs = [] }) => configs.map(({ source = '' }) => source))),
  };
}

/** A node as it prints: integers exact, dates as RFC 3339. */
export function plain(node: Node): Json {
  if (node.kind === 'map') return dictionary([...node.entries].map(([name, { value }]) => [name, plain(value)]));
  // An empty list of an extension prints as null.
  if (node.kind === 'list') return node.items.length > 0 ? node.items.map(plain) : null;
  if (typeof node.value === 'number' && !Number.isFinite(node.value))
    throw new ComposeError('COMPOSE_VALUE', node.place, `${node.source} cannot be written as JSON`, { hint: 'Write a number, or a text.' });
  return node.value instanceof TimestampValue ? node.value.text : node.value;
}

function escaped(json: Json): Json {
  if (typeof json === 'string') return json.replaceAll('$', '$$$$');
  if (Array.isArray(json)) return (json as readonly Json[]).map(escaped);
  if (typeof json !== 'object' || json === null) return json;
  return dictionary(Object.entries(json).map(([name, value]) => [name.replaceAll('$', '$$$$'), escaped(value as Json)]));
}

/** JSON text with two blanks a level. */
export function format(json: Json, indent = ''): string {
  const inner = `${indent}  `;
  if (typeof json === 'bigint') return String(json);
  if (Array.isArray(json)) {
    const items = (json as readonly Json[]).map((item) => `${inner}${format(item, inner)}`);
    return items.length > 0 ? `[\n${items.join(',\n')}\n${indent}]` : '[]';
  }
  if (typeof json !== 'object' || json === null) return JSON.stringify(json);
  const entries = Object.entries(json).sort(([one], [other]) => (one < other ? -1 : 1));
  const lines = entries.map(([name, value]) => `${inner}${JSON.stringify(name)}: ${format(value as Json, inner)}`);
  return lines.length > 0 ? `{\n${lines.join(',\n')}\n${indent}}` : '{}';
}
