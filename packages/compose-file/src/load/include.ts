import { ComposeError } from '../errors.ts';
import { absolute } from '../keys/paths.ts';
import { formatPath } from '../keys/key.ts';
import { typeFault } from '../keys/faults.ts';
import { asText, equal, get, isNull, withEntry, withoutEntry } from '../keys/tree.ts';
import type { MapEntry, MapNode, Node } from '../yaml/node.ts';
import { readEnvFiles } from './environment.ts';
import type { Context, SourceFile } from './context.ts';
import { directoryOf } from './files.ts';

const RESOURCES = ['services', 'volumes', 'networks', 'secrets', 'configs', 'models'];

/** Reads the files of an included project, which may include others. */
type ReadProject = (files: readonly SourceFile[], context: Context) => MapNode;

/** The tree with the services and resources of the files that it includes. */
export function included(tree: MapNode, path: string, context: Context, read: ReadProject): MapNode {
  const include = get(tree, 'include');
  if (!include) return tree;
  if (!isNull(include) && include.kind !== 'list') throw typeFault(include, ['include'], 'a list of files');
  let result = withoutEntry(tree, 'include');
  for (const [index, item] of (include.kind === 'list' ? include.items : []).entries())
    result = withResources(result, readIncluded(item, ['include', index], path, context, read));
  return result;
}

function readIncluded(item: Node, at: readonly (string | number)[], from: string, context: Context, read: ReadProject): MapNode {
  const settings = item.kind === 'map' ? item : undefined;
  if (!settings && asText(item) === undefined && !isNull(item)) throw typeFault(item, at, 'the path of a file, or a mapping with "path"');
  const paths = settings ? textsOf(get(settings, 'path'), [...at, 'path']) : isNull(item) ? [] : [item];
  const files = paths.map((node) => ({ path: absolute(asText(node) ?? '', context), place: node.place }));
  const includedFrom = [...context.includedFrom, from];
  const main = files[0];
  if (main && includedFrom.includes(main.path))
    throw new ComposeError('COMPOSE_INCLUDE_CYCLE', main.place, `includes itself: ${[...includedFrom, main.path].join(' → ')}`, {
      hint: 'Delete one "include" of the circle.',
    });
  const named = settings ? asText(get(settings, 'project_directory')) : undefined;
  const directory = named ? absolute(named, context) : main ? directoryOf(main.path) : context.directory;
  const envFiles = settings ? textsOf(get(settings, 'env_file'), [...at, 'env_file']) : [];
  const environment = readEnvFiles(
    envFiles.length > 0
      ? envFiles.map((node) => ({ path: absolute(asText(node) ?? '', context), place: node.place, required: true }))
      : [{ path: `${directory}/.env`, place: item.place, required: false }],
    context.environment,
    context,
  );
  return read(files, { ...context, directory, includedFrom, environment: new Map([...environment, ...context.environment]) });
}

function textsOf(node: Node | undefined, at: readonly (string | number)[]): readonly Node[] {
  if (!node || isNull(node)) return [];
  const items = node.kind === 'list' ? node.items : [node];
  const wrong = items.find((item) => asText(item) === undefined);
  if (wrong) throw typeFault(wrong, at, 'the path of a file, or a list of paths');
  return items;
}

/** What is defined twice has to be the same. */
function withResources(tree: MapNode, from: MapNode): MapNode {
  let result = tree;
  for (const kind of RESOURCES) {
    const resources = get(from, kind);
    if (resources?.kind !== 'map') continue;
    const own = get(result, kind);
    if (own && own.kind !== 'map') throw typeFault(own, [kind], 'a mapping');
    const entries = new Map<string, MapEntry>(own?.entries);
    for (const [name, entry] of resources.entries) {
      const there = entries.get(name);
      if (there && !equal(there.value, entry.value)) throw conflict([kind, name], there, entry);
      if (!there) entries.set(name, entry);
    }
    result = withEntry(result, kind, { kind: 'map', place: own?.place ?? resources.place, entries });
  }
  return result;
}

function conflict(at: string[], there: MapEntry, entry: MapEntry): ComposeError {
  const { file, line } = entry.keyPlace;
  return new ComposeError('COMPOSE_INCLUDE_CONFLICT', there.keyPlace, `${formatPath(at)}: conflicts with what is included from ${file}:${line}`, {
    hint: 'Rename one of both, or change what is included in an override file: include: [{ path: [file, override] }].',
  });
}
