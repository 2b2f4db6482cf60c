import { ComposeError } from '../errors.ts';
import { formatPath, type Directories } from '../keys/key.ts';
import { absolute } from '../keys/paths.ts';
import { typeFault } from '../keys/faults.ts';
import { asText, get, isNull, mapOf, withEntry, withoutEntry } from '../keys/tree.ts';
import type { MapEntry, MapNode, Node } from '../yaml/node.ts';
import type { Context } from './context.ts';
import { canonical, prepared } from './document.ts';
import { directoryOf } from './files.ts';
import { without } from './marks.ts';
import { mergeFiles, mergeServices } from './merge.ts';
import { resolved, withoutTwins } from './stages.ts';

/** The services of a file, and what its marks remove from services that they extend. */
interface Scope extends Directories {
  readonly path: string;
  readonly services: Map<string, MapEntry>;
  readonly removes: readonly (readonly string[])[];
}

/** The tree with each service laid over the one that it extends. */
export function extended(tree: MapNode, removes: Scope['removes'], path: string, context: Context): MapNode {
  const services = tree.entries.get('services');
  if (!services) return tree;
  if (services.value.kind !== 'map') throw typeFault(services.value, ['services'], 'a mapping');
  const scope: Scope = { path, removes, services: new Map(services.value.entries), directory: context.directory, home: context.home };
  for (const name of scope.services.keys()) extendService(name, scope, [], context);
  return withEntry(tree, 'services', mapOf(scope.services, services.value.place));
}

/** The service with what it extends; `trail` are the services that led here. */
function extendService(name: string, scope: Scope, trail: readonly string[], context: Context): Node {
  const entry = scope.services.get(name)!;
  const service = entry.value;
  const at = ['services', name];
  if (isNull(service)) return service;
  if (service.kind !== 'map') throw typeFault(service, at, 'a mapping');
  const reference = get(service, 'extends');
  if (!reference) return service;
  const { base, file } = referenceOf(reference, at);
  const step = `${scope.path}#${name}`;
  if (trail.includes(step))
    throw new ComposeError('COMPOSE_EXTENDS_CYCLE', reference.place, `${formatPath(at)}: extends itself: ${[...trail, step].map(nameOf).join(' → ')}`, {
      hint: 'Delete one "extends" of the circle.',
    });
  const from = file ? scopeOf(file, absolute(asText(file)!, scope), context) : scope;
  if (!from.services.has(base))
    throw new ComposeError('COMPOSE_UNDEFINED', reference.place, `${formatPath(at)}: extends "${base}", which ${from.path} does not have`, {
      hint: `Correct the name; ${from.path} has ${[...from.services.keys()].join(', ') || 'no services'}.`,
    });
  const baseService = extendService(base, from, [...trail, step], context);
  if (isNull(baseService)) return service;
  const marked = scope.removes.filter(([top, of]) => top === 'services' && of === name).map((path) => path.slice(2));
  const merged = withoutEntry(mergeServices(without(baseService as MapNode, marked), service, name), 'extends');
  scope.services.set(name, { ...entry, value: merged });
  return merged;
}

function nameOf(step: string): string {
  return step.slice(step.indexOf('#') + 1);
}

function referenceOf(node: Node, at: readonly string[]): { base: string; file: Node | undefined } {
  const short = asText(node);
  if (short !== undefined) return { base: short, file: undefined };
  const base = asText(get(node, 'service'));
  if (base === undefined) throw typeFault(node, [...at, 'extends'], 'the name of a service, or a mapping with "service"');
  const file = get(node, 'file');
  if (!file || isNull(file)) return { base, file: undefined };
  if (asText(file) === undefined) throw typeFault(file, [...at, 'extends', 'file'], 'the path of a file');
  return { base, file };
}

/** The services of another file, with long forms and absolute paths. Only what is made of them is validated. */
function scopeOf(named: Node, path: string, context: Context): Scope {
  const from: Directories = { directory: directoryOf(path), home: context.home };
  let tree: MapNode = { kind: 'map', entries: new Map(), place: { file: path, line: 1, column: 1 } };
  const removes: (readonly string[])[] = [];
  for (const document of context.reader.documents(path, named.place, 'the file that is extended,')) {
    const one = prepared(document, context);
    removes.push(...one.removes);
    tree = canonical(withoutTwins(mergeFiles(without(tree, one.removes), one.tree)), context.warn);
  }
  const services = get(resolved(tree, from), 'services');
  if (services?.kind !== 'map')
    throw new ComposeError('COMPOSE_UNDEFINED', named.place, `${path} has no services`, { hint: 'Name a Compose file with services.' });
  return { path, services: new Map(services.entries), removes, ...from };
}
