import { typeFault } from '../keys/faults.ts';
import { cleanPath } from '../keys/long-forms.ts';
import { asText, get, getText, isNull, map, scalar, text, withDefault, withEntry, withoutEntry } from '../keys/tree.ts';
import type { MapEntry, MapNode, Node, Place } from '../yaml/node.ts';

/** Adds what Compose implies: networks, dependencies, names of resources, values of variables that are a name alone. */
export function normalized(tree: MapNode, project: string, environment: ReadonlyMap<string, string>): MapNode {
  const named = withEntry(tree, 'name', text(project, get(tree, 'name')?.place ?? tree.place));
  const services = eachEntry(named, 'services', (service, name) => (service.kind === 'map' ? normalizedService(service, name, environment) : service));
  return ['networks', 'volumes', 'configs', 'secrets'].reduce(
    (one, kind) => eachEntry(one, kind, (resource, name) => withRealName(resource, name, project)),
    withDefaultNetwork(services),
  );
}

function eachEntry(node: MapNode, name: string, change: (value: Node, name: string, place: Place) => Node): MapNode {
  const inner = get(node, name);
  if (inner?.kind !== 'map') return node;
  const entries = new Map<string, MapEntry>();
  for (const [key, entry] of inner.entries) entries.set(key, { ...entry, value: change(entry.value, key, entry.keyPlace) });
  return withEntry(node, name, { ...inner, entries });
}

function normalizedService(service: MapNode, name: string, environment: ReadonlyMap<string, string>): MapNode {
  let result = withNetwork(service);
  const change = (name: string, changed: (node: Node) => Node): void => {
    const node = get(result, name);
    if (node) result = withEntry(result, name, changed(node));
  };
  change('pull_policy', (node) => (asText(node) === 'if_not_present' ? text('missing', node.place) : node));
  change('build', (node) => (node.kind === 'map' ? normalizedBuild(node, environment) : node));
  change('environment', (node) => withVariables(node, environment, true));
  change('volumes', (node) => (node.kind === 'list' ? { ...node, items: node.items.map(withCleanTarget) } : node));
  const dependencies = withImplied(result, name);
  return dependencies.entries.size > 0 ? withEntry(result, 'depends_on', dependencies) : result;
}

/** A service joins the network "default" when it says nothing of networks. */
function withNetwork(service: MapNode): MapNode {
  if (get(service, 'provider') || get(service, 'network_mode')) return service;
  const networks = get(service, 'networks');
  if (networks?.kind === 'map' && networks.entries.size > 0) return service;
  const place = networks?.place ?? service.place;
  return withDefault(service, 'networks', map({ default: scalar(null, place) }, place));
}

function withDefaultNetwork(tree: MapNode): MapNode {
  const services = get(tree, 'services');
  const networks = get(tree, 'networks');
  const users =
    services?.kind === 'map' ? [...services.entries.values()].filter(({ value }) => !get(value, 'network_mode') && get(get(value, 'networks'), 'default')) : [];
  if (!users[0] || get(networks, 'default')) return tree;
  const place = users[0].value.place;
  const added: MapEntry = { keyPlace: place, value: { ...scalar(null, place), implied: true } };
  const entries = new Map([...(networks?.kind === 'map' ? networks.entries : []), ['default', added] as const]);
  return withEntry(tree, 'networks', { kind: 'map', place: networks?.place ?? place, entries });
}

function normalizedBuild(build: MapNode, environment: ReadonlyMap<string, string>): MapNode {
  const place = build.place;
  let result = get(build, 'context') ? build : withDefault(build, 'context', text('.', place));
  if (!get(result, 'dockerfile') && !get(result, 'dockerfile_inline')) result = withDefault(result, 'dockerfile', text('Dockerfile', place));
  const args = get(result, 'args');
  return args ? withEntry(result, 'args', withVariables(args, environment, false)) : result;
}

/** Values for variables that are a name alone; those that are not set are kept without a value, or dropped. */
function withVariables(node: Node, environment: ReadonlyMap<string, string>, keep: boolean): Node {
  if (node.kind === 'list') {
    const items = node.items.flatMap((item) => {
      const entry = asText(item);
      if (entry === undefined || entry.includes('=')) return [item];
      const value = environment.get(entry);
      return value !== undefined ? [text(`${entry}=${value}`, item.place)] : keep ? [item] : [];
    });
    return { ...node, items };
  }
  if (node.kind !== 'map') return node;
  const entries = new Map<string, MapEntry>();
  for (const [name, entry] of node.entries) {
    const value = isNull(entry.value) ? environment.get(name) : undefined;
    if (value !== undefined) entries.set(name, { ...entry, value: text(value, entry.value.place) });
    else if (keep || !isNull(entry.value)) entries.set(name, entry);
  }
  return { ...node, entries };
}

function withCleanTarget(mount: Node): Node {
  const target = getText(mount, 'target');
  return mount.kind === 'map' && target !== undefined
    ? withEntry(mount, 'target', text(target === '' ? '.' : cleanPath(target), get(mount, 'target')!.place))
    : mount;
}

const NAMESPACES = ['network_mode', 'ipc', 'pid', 'uts', 'cgroup'];

/** Dependencies: written ones, then those on services that this one shares something with. */
function withImplied(service: MapNode, name: string): MapNode {
  const written = get(service, 'depends_on');
  const entries = new Map<string, MapEntry>(written?.kind === 'map' ? written.entries : []);
  const add = (other: string, place: Place, restart: boolean): void => {
    if (entries.has(other)) return;
    const value = map({ condition: text('service_started', place), restart: scalar(restart, place), required: scalar(true, place) }, place);
    entries.set(other, { keyPlace: place, value: { ...value, implied: true } });
  };
  for (const link of itemsOf(service, 'links')) {
    const parts = (asText(link) ?? '').split(':');
    add(parts.length === 2 ? parts[0]! : parts.join(':'), link.place, true);
  }
  for (const namespace of NAMESPACES) {
    const written = get(service, namespace);
    if (isNull(written)) throw typeFault(written!, ['services', name, namespace], 'a text', 'Delete the key.');
    const shared = /^service:(.*)$/s.exec(getText(service, namespace) ?? '')?.[1];
    if (shared !== undefined) add(shared, get(service, namespace)!.place, true);
  }
  for (const from of itemsOf(service, 'volumes_from')) {
    const other = asText(from) ?? '';
    if (!other.startsWith('container:')) add(other.split(':')[0]!, from.place, false);
  }
  return { kind: 'map', place: written?.place ?? service.place, entries };
}

function itemsOf(service: MapNode, name: string): readonly Node[] {
  const node = get(service, name);
  return node?.kind === 'list' ? node.items : [];
}

/** The real name of a network, volume, secret or config. */
function withRealName(resource: Node, name: string, project: string): Node {
  const settings: MapNode = resource.kind === 'map' ? resource : { kind: 'map', place: resource.place, entries: new Map() };
  const written = get(settings, 'name');
  if (written && !isNull(written)) return settings;
  const external = get(settings, 'external');
  const isExternal = external?.kind === 'scalar' && external.value === true;
  return withDefault(withoutEntry(settings, 'name'), 'name', text(isExternal ? name : `${project}_${name}`, settings.place));
}
