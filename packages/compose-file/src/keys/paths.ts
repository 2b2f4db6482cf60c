import type { Node } from '../yaml/node.ts';
import { typeFault, valueFault } from './faults.ts';
import type { Directories, Path } from './key.ts';
import { cleanPath } from './long-forms.ts';
import { asText, get, getText, text, withEntry } from './tree.ts';

/** An absolute path; an empty one stays. */
export function absolute(path: string, from: Directories): string {
  return path === '' ? path : absoluteFile(path, from);
}

/** An absolute path; an empty one is the directory. */
function absoluteFile(path: string, { directory, home }: Directories): string {
  if (path.startsWith('~') && home !== undefined) return cleanPath(`${home}/${path.slice(1)}`);
  return path.startsWith('/') ? path : cleanPath(`${directory}/${path}`);
}

export function resolvePath(node: Node, from: Directories): Node {
  const path = asText(node);
  return path === undefined ? node : text(absolute(path, from), node.place);
}

/** The path of a mount, secret or config; Windows paths stay. */
export function resolveFile(node: Node, from: Directories): Node {
  const path = asText(node);
  return path === undefined || /^[A-Za-z]:[\\/]|^\\\\/.test(path) ? node : text(absoluteFile(path, from), node.place);
}

const REMOTE = ['https://', 'http://', 'git://', 'ssh://', 'github.com/', 'git@'];

/** Where a build's files are: a directory, or a URL, or a service. */
export function resolveContext(node: Node, from: Directories, at: Path): Node {
  const context = asText(node);
  if (context === undefined) throw typeFault(node, at, 'a path, a URL or service:NAME');
  if (context.includes('://') || context.startsWith('service:') || REMOTE.some((prefix) => context.startsWith(prefix))) return node;
  return resolvePath(node, from);
}

/** The source of a bind mount. */
export function resolveMount(node: Node, from: Directories, at: Path): Node {
  if (node.kind !== 'map' || getText(node, 'type') !== 'bind') return node;
  const source = get(node, 'source');
  if (!source) throw valueFault(node.place, at, 'a mount of type "bind" has no "source"', 'Add "source", a path.');
  const resolved = resolveFile(source, from);
  return withEntry(node, 'source', /^[^/]/.test(asText(source) ?? '') && resolved.kind === 'scalar' ? { ...resolved, relative: true } : resolved);
}

/** A volume of the driver "local" with the options of a bind mount. */
export function resolveVolume(node: Node, from: Directories): Node {
  const settings = get(node, 'driver_opts');
  const device = get(settings, 'device');
  if (node.kind !== 'map' || settings?.kind !== 'map' || !device) return node;
  if (getText(node, 'driver') !== 'local' || getText(settings, 'o') !== 'bind') return node;
  return withEntry(node, 'driver_opts', withEntry(settings, 'device', resolveFile(device, from)));
}
