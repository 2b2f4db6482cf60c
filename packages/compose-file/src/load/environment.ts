import { parseEnvFile } from '../env-file/parse.ts';
import { asText, get, text, withEntry } from '../keys/tree.ts';
import type { MapEntry, MapNode, Node, Place } from '../yaml/node.ts';
import type { Context } from './context.ts';

export interface EnvFile {
  readonly path: string;
  readonly place: Place | undefined;
  readonly required: boolean;
}

/** Variables of files; what `environment` has comes first, then the same file, then the files before. */
export function readEnvFiles(
  files: readonly EnvFile[],
  environment: ReadonlyMap<string, string>,
  { reader, warn }: Pick<Context, 'reader' | 'warn'>,
): Map<string, string> {
  const variables = new Map<string, string>();
  for (const { path, place, required } of files) {
    const content = required ? reader.read(path, place, 'the file with variables') : reader.find(path, place);
    if (content === undefined) continue;
    const entries = parseEnvFile(content, path, (name) => environment.get(name), { earlier: (name) => variables.get(name), warn });
    for (const [name, { value }] of entries) variables.set(name, value);
  }
  return variables;
}

/** Entries of `environment` that are a name alone get their value, in the list form here; those of the mapping later. */
export function withEnvironment(tree: MapNode, environment: ReadonlyMap<string, string>): MapNode {
  const services = get(tree, 'services');
  if (services?.kind !== 'map') return tree;
  const entries = new Map<string, MapEntry>();
  for (const [name, entry] of services.entries) entries.set(name, { ...entry, value: withValues(entry.value, environment) });
  return withEntry(tree, 'services', { ...services, entries });
}

function withValues(service: Node, environment: ReadonlyMap<string, string>): Node {
  const list = get(service, 'environment');
  if (service.kind !== 'map' || list?.kind !== 'list') return service;
  const items = list.items.map((item) => {
    const value = environment.get(asText(item) ?? '');
    return value === undefined ? item : text(`${asText(item)}=${value}`, item.place);
  });
  return withEntry(service, 'environment', { ...list, items });
}
