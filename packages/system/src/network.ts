import { BuildError } from '@container-os/core';
import { fileEntry, type Entry } from '@container-os/cpio';
import { basename } from 'node:path';
import { rangesOf, subnetsOf, type NetworkList } from './networks/list.ts';

/** Versions that chain plugins: each gets the result of the one before. */
const CNI_VERSIONS = ['0.3.0', '0.3.1', '0.4.0', '1.0.0', '1.1.0'];
const NETWORKS = 'usr/lib/container-os/networks';
/** Where an address comes, in a range. */
const ADDRESS = '@';

/**
 * The files of the OS for the network list `file` with the content `text`, which is network number `index`: the list
 * itself in /etc/cni/net.d, and a complete configuration of each plugin on one line, so that a shell script can
 * pass it to the plugin. An empty file `.portMappings` marks a plugin that takes port mappings, a file `.ranges` has what an address of one's own takes
 * the place of.
 *
 * @throws BuildError CNI_CONFIG_INVALID.
 */
export function networkEntries(file: string, text: string, index = 0): Entry[] {
  const list = parseNetworkList(file, text);
  const directory = `${NETWORKS}/${twoDigits(index)}.${networkName(list, index)}`;
  const plugins = list.plugins.flatMap((plugin, place) => {
    const path = `${directory}/${twoDigits(place)}.${plugin.type}`;
    const { portMappings } = (plugin['capabilities'] ?? {}) as Record<string, unknown>;
    return [
      fileEntry(`${path}.json`, `${JSON.stringify(pluginConfig(list, plugin))}\n`),
      ...(portMappings === true ? [fileEntry(`${path}.portMappings`, '')] : []),
      ...(plugin.type === 'bridge' && rangesOf(plugin).length > 0 ? [fileEntry(`${path}.ranges`, rangesText(plugin))] : []),
    ];
  });
  return [fileEntry(`etc/cni/net.d/${basename(file)}`, text), ...plugins];
}

/**
 * The bridges of the lists, for the scripts of the uplink: lines `BRIDGE NETWORK MTU SUBNET…`. MTU is 0 where the list has none, as
 * for the plugin: the bridge then gets the uplink's.
 */
export function bridgesText(lists: readonly NetworkList[]): string {
  const rows = lists.flatMap((list, index) =>
    list.plugins
      .filter(({ type }) => type === 'bridge')
      .map((plugin) => [plugin['bridge'] ?? 'cni0', networkName(list, index), Number(plugin['mtu'] ?? 0), ...subnetsOf(plugin)]),
  );
  return rows.map((row) => `${row.join(' ')}\n`).join('');
}

/** What containers call a network: the first one has one name in every image. */
function networkName({ name }: NetworkList, index: number): string {
  return index === 0 ? 'default' : name;
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}

/** The configuration that a runtime passes to a plugin of a list (specification 1.0.0, section 3): without `capabilities`, which is for the runtime. */
function pluginConfig({ cniVersion, name }: NetworkList, { capabilities: _, ...plugin }: NetworkList['plugins'][number]): Record<string, unknown> {
  return { ...withRanges(masqueradedAtBoot(plugin) ? withoutMasquerade(plugin) : plugin), cniVersion, name };
}

/** Both notations of host-local's ranges are one for the script cni. */
function withRanges(plugin: Record<string, unknown>): Record<string, unknown> {
  const ranges = rangesOf(plugin);
  if (ranges.length === 0) return plugin;
  const { subnet: _, rangeStart: __, rangeEnd: ___, gateway: ____, ...ipam } = plugin['ipam'] as Record<string, unknown>;
  return { ...plugin, ipam: { ...ipam, ranges } };
}

/**
 * For the script cni, which writes no JSON: a line `SUBNET RANGES BEFORE BETWEEN AFTER` for each subnet. A container with an address of its own
 * has a range of that address, BEFORE ADDRESS BETWEEN ADDRESS AFTER without blanks, in the place of RANGES, as they are in the configuration.
 */
function rangesText(plugin: Record<string, unknown>): string {
  const lines = rangesOf(plugin).flatMap((set) => {
    const { subnet, gateway } = set[0] ?? {};
    if (subnet === undefined) return [];
    const one = [{ subnet, ...(gateway === undefined ? {} : { gateway }), rangeStart: ADDRESS, rangeEnd: ADDRESS }];
    return [`${subnet} ${JSON.stringify(set)} ${JSON.stringify(one).split(ADDRESS).join(' ')}\n`];
  });
  return lines.join('');
}

/** One rule for the subnet, loaded at boot, replaces the rule that the plugin would add for each container, in a tenth of the time. */
function masqueradedAtBoot(plugin: Record<string, unknown>): boolean {
  return plugin['type'] === 'bridge' && subnetsOf(plugin).length > 0;
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
    check(other === index && (name !== 'default' || index === 0), files[index] ?? '', '/name', `a unique name ("default" is the first network)`, name);
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
