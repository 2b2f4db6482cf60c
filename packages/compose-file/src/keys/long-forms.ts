import { parseDevice } from '../values/device.ts';
import { parsePort } from '../values/port.ts';
import { parseVolume } from '../values/volume.ts';
import type { MapNode, Node, Place } from '../yaml/node.ts';
import { conflictFault, typeFault } from './faults.ts';
import { goText } from './go.ts';
import type { Warn } from '../interpolate/interpolate.ts';
import { ComposeError } from '../errors.ts';
import { formatPath, type Path } from './key.ts';
import { asText, describe, get, isNull, list, map, mapOf, nodeOf, scalar, text, withDefault, withEntry } from './tree.ts';

/** `build: ./app` */
export function longBuild(node: Node, at: Path): Node {
  return textUnder('context', node, at);
}

/** `extends: web` */
export function longExtends(node: Node, at: Path): Node {
  return textUnder('service', node, at);
}

/** `include` of a file that is extended is not followed, but has to be one. */
export function longInclude(node: Node, at: Path): Node {
  return textUnder('path', node, at);
}

function textUnder(name: string, node: Node, at: Path): Node {
  if (node.kind === 'map') return node;
  if (asText(node) === undefined) throw typeFault(node, at, 'a text or a mapping');
  return map({ [name]: node }, node.place);
}

/** `dns: 10.0.0.1` */
export function longList(node: Node): Node {
  return asText(node) === undefined ? node : list([node], node.place);
}

/** `env_file: web.env`, `env_file: [web.env]` */
export function longEnvFiles(node: Node, at: Path): Node {
  if (asText(node) !== undefined) return list([longEnvFile(node)], node.place);
  if (node.kind !== 'list') throw typeFault(node, at, 'the path of a file, or a list');
  return { ...node, items: node.items.map(longEnvFile) };
}

function longEnvFile(node: Node): Node {
  const required = scalar(true, node.place);
  if (node.kind === 'map') return get(node, 'required') ? node : withDefault(node, 'required', required);
  return asText(node) === undefined ? node : map({ path: node, required }, node.place);
}

/** A dependency on a service that only has to be started. */
export function started(place: Place): MapNode {
  return map({ condition: text('service_started', place), required: scalar(true, place) }, place);
}

/** `depends_on: [db]` */
export function longDependencies(node: Node, at: Path): Node {
  if (node.kind === 'list') return byName(node, at, started);
  if (node.kind !== 'map') throw typeFault(node, at, 'a list of services, or a mapping');
  const entries = [...node.entries].map(([name, entry]) => {
    if (entry.value.kind !== 'map') throw typeFault(entry.value, [...at, name], 'a mapping with "condition"', 'Write {condition: service_started}.');
    return [name, { ...entry, value: withDefaults(entry.value, started(entry.value.place)) }] as const;
  });
  return mapOf(new Map(entries), node.place);
}

function withDefaults(node: MapNode, defaults: MapNode): MapNode {
  return mapOf(new Map([...defaults.entries, ...node.entries]), node.place);
}

/** `networks: [front]`, `models: [llm]`: names without settings. */
export function longNames(node: Node, at: Path): Node {
  return node.kind === 'list' ? byName(node, at, (place) => scalar(null, place)) : node;
}

function byName(node: Node & { kind: 'list' }, at: Path, value: (place: Place) => Node): MapNode {
  const entries = node.items.map((item, index) => {
    const name = asText(item);
    if (name === undefined) throw typeFault(item, [...at, index], 'a name');
    return [name, { keyPlace: item.place, value: value(item.place) }] as const;
  });
  return mapOf(new Map(entries), node.place);
}

/** `additional_contexts: [name=path]` */
export function longContexts(node: Node, at: Path): Node {
  if (node.kind === 'map') return node;
  if (node.kind !== 'list') throw typeFault(node, at, 'a mapping, or a list of name=path');
  const entries = node.items.map((item, index) => {
    const [name, path] = cut(asText(item) ?? '', '=');
    if (path === undefined) throw typeFault(item, [...at, index], 'name=path');
    return [name, { keyPlace: item.place, value: text(path, item.place) }] as const;
  });
  return mapOf(new Map(entries), node.place);
}

/** `ssh: [default]`, `ssh: [id=path]` */
export function longSsh(node: Node, at: Path): Node {
  if (node.kind === 'map') return node;
  if (node.kind !== 'list') throw typeFault(node, at, 'a mapping, or a list of id=path');
  const entries = node.items.map((item, index) => {
    const [id, path] = cut(asText(item) ?? '', '=');
    if (path === undefined && id !== 'default') throw typeFault(item, [...at, index], '"default" or id=path');
    return [id, { keyPlace: item.place, value: path === undefined ? scalar(null, item.place) : text(path, item.place) }] as const;
  });
  return mapOf(new Map(entries), node.place);
}

function cut(whole: string, separator: string): [string, string | undefined] {
  const at = whole.indexOf(separator);
  return at < 0 ? [whole, undefined] : [whole.slice(0, at), whole.slice(at + separator.length)];
}

/** `gpus: all` */
export function longGpus(node: Node, at: Path): Node {
  if (node.kind === 'list') return node;
  if (asText(node) === undefined) throw typeFault(node, at, '"all", or a list');
  return list([map({ count: text('all', node.place) }, node.place)], node.place);
}

/** `secrets: [token]`, `configs: [app.ini]` */
export function longMountedFile(node: Node, at: Path): Node {
  if (node.kind === 'map') return node;
  if (asText(node) === undefined) throw typeFault(node, at, 'a name, or a mapping');
  return map({ source: node }, node.place);
}

/** `devices: [/dev/a:/dev/b:rw]` */
export function longDevice(node: Node, at: Path): Node {
  if (node.kind === 'map') return node;
  const device = asText(node);
  if (device === undefined) throw typeFault(node, at, 'a text, or a mapping');
  return nodeOf(parseDevice(device, node.place), node.place);
}

/** `provenance: true` prints as a text. */
export function longText(node: Node): Node {
  return node.kind === 'scalar' && typeof node.value !== 'string' ? text(goText(node.value), node.place) : node;
}

/** `ports: ["8080-8081:80-81"]`: one port may become several. */
export function longPorts(node: Node, at: Path): Node {
  if (node.kind !== 'list') throw typeFault(node, at, 'a list of ports');
  const items: Node[] = [];
  for (const [index, item] of node.items.entries()) {
    for (const port of longPort(item, [...at, index])) items.push(port);
    if (items.length > MOST_PORTS) throw tooManyPorts(item.place, [...at, index]);
  }
  return { ...node, items };
}

/** A few bytes of text say 65535 ports: all of TCP, UDP and SCTP fit, a file of nothing but ranges does not. */
export const MOST_PORTS = 200_000;

export function tooManyPorts(place: Place, at: Path): ComposeError {
  const reason = `${formatPath(at)}: the ranges have more than ${MOST_PORTS} ports in all, which is our limit`;
  return new ComposeError('COMPOSE_TOO_LARGE', place, reason, { hint: 'Publish smaller ranges, or use network_mode: host.' });
}

function longPort(node: Node, at: Path): Node[] {
  if (node.kind === 'map') return [node];
  const value = node.kind === 'scalar' ? node.value : undefined;
  if (typeof value !== 'string' && typeof value !== 'bigint') throw typeFault(node, at, 'a port', 'Write "8080:80", or a mapping with target and published.');
  return parsePort(String(value), node.place).map(({ mode, ...port }) => withDefault(nodeOf(port, node.place) as MapNode, 'mode', text(mode, node.place)));
}

/** `volumes: ["./data:/data:ro"]` */
export function longVolume(node: Node, at: Path, warn?: Warn): Node {
  if (node.kind === 'map') return node;
  const written = asText(node);
  if (written === undefined) throw typeFault(node, at, 'a text, or a mapping');
  const mount = nodeOf(parseVolume(written, node.place, warn), node.place) as MapNode;
  const bind = get(mount, 'bind');
  const creates = get(bind, 'create_host_path');
  return bind?.kind === 'map' && creates ? withEntry(mount, 'bind', withDefault(bind, 'create_host_path', creates)) : mount;
}

/** A path without `.`, `..`, `//` and a trailing slash. */
export function cleanPath(path: string): string {
  const absolute = path.startsWith('/');
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (!absolute) parts.push(part);
  }
  return absolute ? `/${parts.join('/')}` : parts.join('/') || '.';
}

/** `external: {name: x}`, the old form of `external: true` and `name: x`. */
export function longExternal(node: Node, at: Path): Node {
  if (isNull(node)) return node;
  if (node.kind !== 'map') throw typeFault(node, at, 'a mapping');
  const external = get(node, 'external');
  if (external?.kind !== 'map') return node;
  const marked = withEntry(node, 'external', scalar(true, external.place));
  const old = get(external, 'name');
  if (!old) return marked;
  const name = get(node, 'name');
  if (name && asText(name) !== asText(old))
    throw conflictFault(old.place, at, `"name" is ${describe(name)}, "external.name" is ${describe(old)}`, 'Write "name" and "external: true" only.');
  return name ? marked : withEntry(marked, 'name', old);
}
