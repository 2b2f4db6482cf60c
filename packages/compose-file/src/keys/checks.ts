import { isIp } from '../values/ip.ts';
import type { Node } from '../yaml/node.ts';
import { conflictFault, typeFault, valueFault } from './faults.ts';
import type { Path } from './key.ts';
import { asText, get, getText, text, withDefault } from './tree.ts';

/** A volume that exists already has no settings. */
export function checkVolume(node: Node, at: Path): void {
  const external = get(node, 'external');
  if (node.kind !== 'map' || external?.kind !== 'scalar') return;
  if (typeof external.value !== 'boolean') throw typeFault(external, [...at, 'external'], 'true or false');
  if (!external.value) return;
  for (const [name, { keyPlace }] of node.entries)
    if (!['name', 'external'].includes(name) && !name.startsWith('x-'))
      throw conflictFault(keyPlace, at, `"${name}" and "external: true" contradict each other`, `Delete "${name}" or "external".`);
}

/** A secret or config says once where its content is. */
export function checkSource(...names: readonly string[]): (node: Node, at: Path) => void {
  return (node, at) => {
    if (node.kind !== 'map') return;
    const said = names.filter((name) => get(node, name));
    if (said.length > 1) throw conflictFault(node.place, at, `${said.join(' and ')} exclude each other`, `Keep one of ${said.join(', ')}.`);
    if (said.length === 0 && !get(node, 'driver') && !get(node, 'external'))
      throw valueFault(node.place, at, `one of ${names.join(', ')} is missing`, `Add ${names.join(' or ')}.`);
  };
}

export function checkPort(node: Node, at: Path): void {
  const address = getText(node, 'host_ip');
  if (address !== undefined && !isIp(address))
    throw valueFault(
      get(node, 'host_ip')!.place,
      [...at, 'host_ip'],
      `${JSON.stringify(address)} is not an IP address`,
      'Write an IPv4 or IPv6 address, without brackets.',
    );
}

export function checkNotEmpty(node: Node, at: Path): void {
  if (asText(node) === '') throw valueFault(node.place, at, 'the path is empty', 'Write a path.');
}

export function checkDevices(node: Node, at: Path): void {
  if (get(node, 'count') && get(node, 'device_ids')) throw conflictFault(node.place, at, '"count" and "device_ids" exclude each other', 'Keep one of them.');
}

export function fillBuild(node: Node): Node {
  return node.kind === 'map' && !get(node, 'context') ? withDefault(node, 'context', text('.', node.place)) : node;
}

export function fillSecret(node: Node): Node {
  if (node.kind !== 'map' || get(node, 'target')) return node;
  return withDefault(node, 'target', text(`/run/secrets/${getText(node, 'source') ?? '<nil>'}`, node.place));
}

export function fillPort(node: Node): Node {
  if (node.kind !== 'map') return node;
  const named = get(node, 'protocol') ? node : withDefault(node, 'protocol', text('tcp', node.place));
  return get(named, 'mode') ? named : withDefault(named, 'mode', text('ingress', node.place));
}

export function fillDevices(node: Node, at: Path): Node {
  if (node.kind !== 'map') throw typeFault(node, at, 'a mapping');
  return get(node, 'count') || get(node, 'device_ids') ? node : withDefault(node, 'count', text('all', node.place));
}
