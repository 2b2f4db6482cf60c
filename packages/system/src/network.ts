import { BuildError } from '@container-os/core';
import { fileEntry, type Entry } from '@container-os/cpio';
import { basename } from 'node:path';

/** A network list of the CNI specification; the script cni of the OS uses these fields. */
export interface NetworkList {
  cniVersion: string;
  name: string;
  plugins: ({ type: string } & Record<string, unknown>)[];
}

/** Versions that chain plugins: each gets the result of the one before. */
const CNI_VERSIONS = ['0.3.0', '0.3.1', '0.4.0', '1.0.0', '1.1.0'];
const NETWORKS = 'usr/lib/container-os/networks';

/**
 * The files of the OS for the network list `file` with the content `text`, which is network number `index`: the list
 * itself in /etc/cni/net.d, and a complete configuration of each plugin on one line, so that a shell script can
 * pass it to the plugin. An empty file `.portMappings` marks a plugin that takes port mappings.
 *
 * @throws BuildError CNI_CONFIG_INVALID.
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

/**
 * The bridges of the lists, for the scripts of the uplink: lines `BRIDGE LIST MTU SUBNET…`. MTU is 0 where the list has none, as
 * for the plugin: the bridge then gets the uplink's.
 */
export function bridgesText(lists: readonly NetworkList[]): string {
  const rows = lists.flatMap(({ name, plugins }) =>
    plugins.filter(({ type }) => type === 'bridge').map((plugin) => [plugin['bridge'] ?? 'cni0', name, Number(plugin['mtu'] ?? 0), ...subnetsOf(plugin)]),
  );
  return rows.map((row) => `${row.join(' ')}\n`).join('');
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}

/** The configuration that a runtime passes to a plugin of a list (specification 1.0.0, section 3): without `capabilities`, which is for the runtime. */
function pluginConfig({ cniVersion, name }: NetworkList, { capabilities: _, ...plugin }: NetworkList['plugins'][number]): Record<string, unknown> {
  return { ...(masqueradedAtBoot(plugin) ? withoutMasquerade(plugin) : plugin), cniVersion, name };
}

/** One rule for the subnet, loaded at boot, replaces the rule that the plugin would add for each container, in a tenth of the time. */
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

/** Parses the list and checks what the script cni depends on; each plugin checks its own configuration. */
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

/** Returns `lists`, of these files, if their names are unique: containers choose networks by name. */
export function requireOwnNames(files: readonly string[], lists: readonly NetworkList[]): readonly NetworkList[] {
  for (const [index, { name }] of lists.entries()) {
    const other = lists.findIndex((list) => list.name === name);
    check(other === index && name !== 'default', files[index] ?? '', '/name', `a unique name ("default" is the first network)`, name);
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
    hint: `Correct ${file}. Its format is a network list (CNI specification).`,
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Checks that nft cannot take the text for anything but a subnet; nft checks the rest. */
function isSubnet(value: unknown): boolean {
  return /^(\d{1,3}(\.\d{1,3}){3}|[\da-f]*:[\da-f:.]*)\/\d{1,3}$/i.test(String(value));
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(value);
}
