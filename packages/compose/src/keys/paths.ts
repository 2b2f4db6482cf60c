import type { Node } from '../yaml/node.ts';
import { valueFault } from './faults.ts';
import type { Path } from './key.ts';
import { cleanPath } from './long-forms.ts';
import { asText, get, getText, text, withEntry } from './tree.ts';

/** An absolute path, from the directory of the file that says it. A `~` is not expanded: nothing of the environment is read. */
export function absolute(path: string, directory: string): string {
  return path === '' || path.startsWith('/') ? path : cleanPath(`${directory}/${path}`);
}

export function resolvePath(node: Node, directory: string): Node {
  const path = asText(node);
  return path === undefined ? node : text(absolute(path, directory), node.place);
}

/** Unlike others, an empty path of these is the directory. */
export function resolveFile(node: Node, directory: string): Node {
  const path = asText(node);
  if (path === undefined || path.startsWith('/') || /^[A-Za-z]:[\\/]|^\\\\/.test(path)) return node;
  return text(cleanPath(`${directory}/${path}`), node.place);
}

const REMOTE = ['https://', 'http://', 'git://', 'ssh://', 'github.com/', 'git@'];

/** Where a build's files are: a directory, or a URL, or a service. */
export function resolveContext(node: Node, directory: string): Node {
  const context = asText(node) ?? '';
  if (context.includes('://') || context.startsWith('service:') || REMOTE.some((prefix) => context.startsWith(prefix))) return node;
  return resolvePath(node, directory);
}

/** The source of a bind mount. */
export function resolveMount(node: Node, directory: string, at: Path): Node {
  if (node.kind !== 'map' || getText(node, 'type') !== 'bind') return node;
  const source = get(node, 'source');
  if (!source) throw valueFault(node.place, at, 'a mount of type "bind" has no "source"', 'Add "source", a path.');
  return withEntry(node, 'source', resolveFile(source, directory));
}

/** A volume of the driver "local" with the options of a bind mount. */
export function resolveVolume(node: Node, directory: string): Node {
  const settings = get(node, 'driver_opts');
  const device = get(settings, 'device');
  if (node.kind !== 'map' || settings?.kind !== 'map' || !device) return node;
  if (getText(node, 'driver') !== 'local' || getText(settings, 'o') !== 'bind') return node;
  return withEntry(node, 'driver_opts', withEntry(settings, 'device', resolveFile(device, directory)));
}
