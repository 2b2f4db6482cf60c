import { BuildError } from '@container-os/core';
import { fileEntry, type Entry } from '@container-os/cpio';
import { basename } from 'node:path';

/** A network list of the CNI specification, of which the runner in the OS uses these fields. */
export interface NetworkList {
  cniVersion: string;
  name: string;
  plugins: ({ type: string } & Record<string, unknown>)[];
}

/** From 0.3.0 on, plugins are chained by the result of the one before. */
const CNI_VERSIONS = ['0.3.0', '0.3.1', '0.4.0', '1.0.0', '1.1.0'];
const NETWORKS = 'usr/lib/container-os/networks';

/**
 * What the list `file`, with the content `text`, becomes in the OS as its network number `index`: the list
 * itself in /etc/cni/net.d, and each of its plugins' configurations, complete and on one line, so that a
 * shell can hand it to the plugin. An empty file beside one says that it is told of port mappings.
 *
 * Errors: `CNI_CONFIG_INVALID`.
 */
export function networkEntries(file: string, text: string, index = 0): Entry[] {
  const list = parseNetworkList(file, text);
  const directory = `${NETWORKS}/${twoDigits(index)}.${list.name}`;
  const plugins = list.plugins.flatMap((plugin, place) => {
    const path = `${directory}/${twoDigits(place)}.${plugin.type}`;
    const { portMappings } = (plugin['capabilities'] ?? {}) as Record<string, unknown>;
    return [
      fileEntry(`${path}.json`, `${JSON.stringify(pluginConfig(list, plugin))}\n`),
      ...(portMappings === true ? [fileEntry(`${path}.portMappings`, '')] : []),
    ];
  });
  return [fileEntry(`etc/cni/net.d/${basename(file)}`, text), ...plugins];
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}

/** What a runtime passes to a plugin of a list (specification 1.0.0, section 3): `capabilities` is for the runtime. */
function pluginConfig({ cniVersion, name }: NetworkList, { capabilities: _, ...plugin }: NetworkList['plugins'][number]): Record<string, unknown> {
  return { ...(masqueradedAtBoot(plugin) ? withoutMasquerade(plugin) : plugin), cniVersion, name };
}

/** One rule for the subnet, loaded at boot, does what the plugin would do for each container, in a tenth of its time. */
function masqueradedAtBoot(plugin: Record<string, unknown>): boolean {
  return plugin['type'] === 'bridge' && subnetsOf(plugin).length > 0;
}

/** Subnets of a host-local range, in either of the plugin's two notations. */
export function subnetsOf({ ipam }: Record<string, unknown>): string[] {
  const { subnet, ranges = [] } = (ipam ?? {}) as { subnet?: string; ranges?: { subnet?: string }[][] };
  return [subnet, ...ranges.flat().map((range) => range.subnet)].filter((one) => one !== undefined);
}

function withoutMasquerade({ ipMasq: _, ipMasqBackend: __, ...plugin }: Record<string, unknown>): Record<string, unknown> {
  return plugin;
}

/** The list, checked as far as the runner depends on it; a plugin checks its own configuration. */
export function parseNetworkList(file: string, text: string): NetworkList {
  const list = parseJson(file, text);
  const { cniVersion, name, plugins } = isObject(list) ? list : {};
  check(isObject(list), file, '', 'an object', list);
  check(CNI_VERSIONS.includes(cniVersion as string), file, '/cniVersion', `one of ${CNI_VERSIONS.join(', ')}`, cniVersion);
  check(isName(name), file, '/name', 'a name of letters, digits, "_", "." and "-"', name);
  check(Array.isArray(plugins) && plugins.length > 0, file, '/plugins', 'a list with at least one plugin', plugins);
  for (const [index, plugin] of (plugins as unknown[]).entries()) {
    check(isObject(plugin), file, `/plugins/${index}`, 'an object', plugin);
    const { type, bridge = 'cni0' } = plugin as Record<string, unknown>;
    check(isName(type), file, `/plugins/${index}/type`, 'the name of a plugin, such as "bridge"', type);
    check(
      type !== 'bridge' || (isName(bridge) && bridge.length < 16),
      file,
      `/plugins/${index}/bridge`,
      'the name of an interface, of at most 15 characters',
      bridge,
    );
    for (const subnet of type === 'bridge' ? subnetsOf(plugin as Record<string, unknown>) : [])
      check(isSubnet(subnet), file, `/plugins/${index}/ipam`, 'a subnet such as 10.22.0.0/16', subnet);
  }
  return list as NetworkList;
}

/** `lists`, of these files, where each has a name of its own: containers choose networks by it. */
export function requireOwnNames(files: readonly string[], lists: readonly NetworkList[]): readonly NetworkList[] {
  for (const [index, { name }] of lists.entries()) {
    const other = lists.findIndex((list) => list.name === name);
    check(other === index && name !== 'default', files[index] ?? '', '/name', `a name of its own ("default" is the first network)`, name);
  }
  return lists;
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new BuildError('CNI_CONFIG_INVALID', `${file}: not JSON: ${(cause as Error).message}`, { cause, hint: `Correct ${file}.` });
  }
}

function check(ok: boolean, file: string, path: string, expected: string, actual: unknown): void {
  if (ok) return;
  throw new BuildError('CNI_CONFIG_INVALID', `${file}: ${path || 'the file'}: expected ${expected}, got ${JSON.stringify(actual) ?? 'nothing'}`, {
    hint: `Correct ${file}; the format is a network list of the CNI specification.`,
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** As far as nft must not take it for anything else; it checks the rest itself. */
function isSubnet(value: unknown): boolean {
  return /^(\d{1,3}(\.\d{1,3}){3}|[\da-f]*:[\da-f:.]*)\/\d{1,3}$/i.test(String(value));
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(value);
}
