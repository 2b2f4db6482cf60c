import { parseVolume } from '../values/volume.ts';
import type { Node } from '../yaml/node.ts';
import { typeFault, valueFault } from './faults.ts';
import type { Path } from './key.ts';
import { asText, get, getText } from './tree.ts';

/** `name=value` and `name` are the same entry. */
export function byName(item: Node, at: Path): string {
  const entry = asText(item);
  if (entry === undefined) throw typeFault(item, at, 'a text');
  return entry.split('=')[0]!;
}

export function byText(item: Node, at: Path): string {
  const value = item.kind === 'scalar' ? item.value : undefined;
  if (typeof value !== 'string' && typeof value !== 'bigint') throw typeFault(item, at, 'a port', 'Write the port in quotes.');
  return String(value);
}

/** Two mounts at one place of the container are the same mount. */
export function byTarget(item: Node, at: Path): string {
  const short = asText(item);
  return short === undefined ? targetOf(item, at) : parseVolume(short, item.place).target;
}

export function byDeviceTarget(item: Node, at: Path): string {
  const short = asText(item);
  if (short === undefined) return targetOf(item, at);
  const [source = '', target] = short.split(':');
  return target ?? source;
}

function targetOf(item: Node, at: Path): string {
  if (item.kind !== 'map') return '';
  const target = getText(item, 'target');
  if (target === undefined) throw valueFault(item.place, at, '"target" is missing', 'Add "target", the path in the container.');
  return target;
}

/** A secret or config is the same when it is mounted at the same path; `directory` is where names are mounted. */
export function byMountedPath(directory: string): (item: Node, at: Path) => string {
  return (item, at) => {
    const name = asText(item);
    if (name !== undefined) return `${directory}/${name}`;
    if (item.kind !== 'map') throw typeFault(item, at, 'a name, or a mapping');
    const target = get(item, 'target');
    if (target && asText(target) === undefined) throw typeFault(target, [...at, 'target'], 'a path');
    return asText(target) ?? `${directory}/${getText(item, 'source') ?? ''}`;
  };
}

/** All that a port says; a published port that is a number differs from a text, as it does in the reference. */
export function byPort(item: Node, at: Path): string {
  if (item.kind !== 'map') return item.kind === 'scalar' ? String(item.value) : '';
  const target = get(item, 'target');
  if (!target) throw valueFault(item.place, at, '"target" is missing', 'Add "target", the port of the container.');
  const part = (name: string): string | undefined => {
    const node = get(item, name);
    return node?.kind === 'scalar' ? `${typeof node.value} ${node.source}` : undefined;
  };
  const of = (value: string): string => `string ${value}`;
  return [part('host_ip') ?? of('0.0.0.0'), part('published'), part('target'), part('protocol') ?? of('tcp')].join(' ');
}

export function byPath(item: Node, at: Path): string {
  const path = asText(item) ?? getText(item, 'path');
  if (path !== undefined) return path;
  if (item.kind === 'map') throw valueFault(item.place, at, '"path" is missing', 'Add "path", the path of the file.');
  return '';
}
