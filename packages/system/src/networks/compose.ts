import { contains, formatAddress, overlap, parseAddress, parseSubnet, without, type Span, type Subnet } from './addresses.ts';
import { endpointFaults, fixedAddresses, type Endpoints } from './endpoints.ts';
import { fault, type Fault } from './fault.ts';
import { firewallRules } from './firewall.ts';
import type { NetworkList, Range } from './list.ts';

/** A network of a normalised Compose file. Source: what `docker compose config --format json` prints. */
export interface ComposeNetwork {
  driver?: string;
  driver_opts?: Readonly<Record<string, string | number>>;
  ipam?: { driver?: string; config?: readonly Pool[] };
  internal?: boolean;
  enable_ipv4?: boolean;
  enable_ipv6?: boolean;
}

interface Pool {
  subnet?: string;
  ip_range?: string;
  gateway?: string;
  aux_addresses?: Readonly<Record<string, string>>;
}

/** A CNI network list, and the name of its file in /etc/cni/net.d, where lists are ordered by their names. */
export interface NetworkFile {
  file: string;
  list: NetworkList;
}

export interface Networks {
  lists: NetworkFile[];
  /** For `nft -f`; undefined without a network. */
  firewall: string | undefined;
  /** What no engine would start, or the OS cannot do. */
  faults: Fault[];
  /** What is read, and changes nothing. */
  warnings: Fault[];
}

type Entry = readonly [string, ComposeNetwork];

/** Drivers that are a bridge on one machine. "overlay" reaches over several machines of a swarm, and here is one. */
const BRIDGES = ['bridge', 'default', 'overlay'];
const DATA = '/run/container-os/cni';
const OPTION = 'com.docker.network.';
const MTU = `${OPTION}driver.mtu`;
const NAME = `${OPTION}bridge.name`;
const ICC = `${OPTION}bridge.enable_icc`;
const MASQUERADE = `${OPTION}bridge.enable_ip_masquerade`;
const OPTIONS = [MTU, NAME, ICC, MASQUERADE];
/** With this value, which is the default, ports that name no address are published on every address. */
const HOST_BINDING = [`${OPTION}bridge.host_binding_ipv4`, '0.0.0.0'] as const;

/**
 * Compose's networks, as CNI lists and a packet filter: a bridge each and, unless it is internal, a way out and published ports. The network
 * "default" is the first list. Addresses that containers ask for are kept from all others. A pure function, which also runs in QuickJS.
 *
 * @param endpoints what each service says of the networks that it joins
 * @example
 * composeNetworks({ default: null, backend: { internal: true } }, {}); // 10.22.0.0/16 on cni0, which has a way out, and 10.23.0.0/16 on cni1
 */
export function composeNetworks(networks: Readonly<Record<string, ComposeNetwork | null>>, endpoints: Endpoints): Networks {
  const entries = Object.entries<ComposeNetwork | null>({ default: null, ...networks })
    .map(([name, network]): Entry => [name, network ?? {}])
    .sort(([a], [b]) => Number(b === 'default') - Number(a === 'default') || (a < b ? -1 : 1));
  const checked = [...entries.flatMap(driverFaults), ...entries.flatMap(poolFaults), ...bridgeFaults(entries)];
  // What follows needs subnets that are some.
  if (checked.length > 0) return { lists: [], firewall: undefined, faults: checked, warnings: [] };
  const subnets = withPools(entries);
  const faults = [...overlapFaults(entries, subnets), ...endpointFaults(endpoints, subnets)];
  for (const [network, address] of fixedAddresses(endpoints))
    for (const subnet of subnets.get(network) ?? []) if (contains(subnet, address)) subnet.reserved.push(address);
  const lists = entries.map((entry, index) => listOf(entry, subnets.get(entry[0]) ?? [], index));
  return { lists, firewall: firewallRules(lists.map(({ list }) => list)), faults, warnings: entries.flatMap(warningsOf) };
}

function listOf([name, { internal = false, driver_opts = {} }]: Entry, subnets: readonly Subnet[], index: number): NetworkFile {
  const ipam = { type: 'host-local', ranges: subnets.map(rangesOf), dataDir: DATA };
  const bridge = {
    type: 'bridge',
    bridge: String(driver_opts[NAME] ?? `cni${index}`),
    isGateway: true,
    ...(driver_opts[MTU] === undefined ? {} : { mtu: Number(driver_opts[MTU]) }),
    ...(String(driver_opts[ICC]) === 'false' ? { portIsolation: true } : {}),
  };
  const open = [
    {
      ...bridge,
      ...(String(driver_opts[MASQUERADE]) === 'false' ? {} : { ipMasq: true }),
      ipam: { ...ipam, routes: subnets.map(({ family }) => ({ dst: family === 4 ? '0.0.0.0/0' : '::/0' })) },
    },
    { type: 'portmap', backend: 'nftables', capabilities: { portMappings: true } },
  ];
  return {
    file: `${String(10 + index)}-${name}.conflist`,
    list: { cniVersion: '1.0.0', name: listName(name), plugins: internal ? [{ ...bridge, ipam }] : open },
  };
}

/** A name that CNI takes: Compose's may begin with a dot, a hyphen or an underscore. */
export function listName(network: string): string {
  return /^[a-zA-Z0-9]/.test(network) ? network : `net${network}`;
}

/** The addresses of a range that nobody has. */
function rangesOf({ family, text, gateway, range, reserved }: Subnet): Range[] {
  const common = { subnet: text, gateway: formatAddress(gateway) };
  const free = without(range, [...reserved, gateway]);
  const format = (value: bigint): string => formatAddress({ family, value });
  // The gateway's address alone is no address for a container: the plugin then says that there is none.
  if (free.length === 0) return [{ ...common, rangeStart: common.gateway, rangeEnd: common.gateway }];
  return free.map(({ first, last }) => ({ ...common, rangeStart: format(first), rangeEnd: format(last) }));
}

/** The subnets of each network; one that has none gets one that meets no other. */
function withPools(entries: readonly Entry[]): Map<string, Subnet[]> {
  const given = new Map(entries.map(([name, network]) => [name, subnetsOf(network)]));
  const taken = [...given.values()].flat();
  const all = new Map<string, Subnet[]>();
  for (const [index, [name, network]] of entries.entries()) {
    const own = given.get(name) ?? [];
    for (const family of families(network)) {
      if (own.some((subnet) => subnet.family === family)) continue;
      const free = pool(family, index, taken);
      own.push(free);
      taken.push(free);
    }
    all.set(
      name,
      own.sort((a, b) => a.family - b.family),
    );
  }
  return all;
}

function families({ enable_ipv4 = true, enable_ipv6 = false }: ComposeNetwork): (4 | 6)[] {
  return [...(enable_ipv4 ? [4 as const] : []), ...(enable_ipv6 ? [6 as const] : [])];
}

/** 10.22.0.0/16, 10.23.0.0/16 and so on; of IPv6, networks of a prefix for local use (RFC 4193) that is the same on every machine. */
function pool(family: 4 | 6, index: number, taken: readonly Span[]): Subnet {
  for (let next = index; ; next += 1) {
    const text = family === 4 ? `10.${(22 + next) % 256}.0.0/16` : `fd63:6f6e:7461:${next.toString(16)}::/64`;
    const subnet = subnetOf({ subnet: text });
    if (subnet && (next > index + 255 || !taken.some((other) => overlap(other, subnet)))) return { ...subnet, given: false };
  }
}

function subnetsOf(network: ComposeNetwork): Subnet[] {
  const wanted = families(network);
  return (network.ipam?.config ?? []).flatMap((config) => subnetOf(config) ?? []).filter(({ family }) => wanted.includes(family));
}

function subnetOf({ subnet: text = '', ip_range, gateway, aux_addresses = {} }: Pool): Subnet | undefined {
  const span = parseSubnet(text);
  if (!span) return undefined;
  const { family, first, last } = span;
  // The first and, of IPv4, the last address are nobody's.
  const usable = { family, first: first + 1n, last: family === 4 ? last - 1n : last };
  const part = parseSubnet(ip_range ?? '') ?? usable;
  return {
    family,
    first,
    last,
    text,
    gateway: parseAddress(gateway ?? '') ?? { family, value: first + 1n },
    range: { family, first: part.first > usable.first ? part.first : usable.first, last: part.last < usable.last ? part.last : usable.last },
    reserved: Object.values(aux_addresses).flatMap((one) => parseAddress(one) ?? []),
    given: true,
  };
}

function driverFaults([name, { driver = 'bridge', driver_opts = {}, ipam = {} }]: Entry): Fault[] {
  const path = ['networks', name];
  if (['host', 'none', 'null'].includes(driver))
    return [
      fault(
        [...path, 'driver'],
        `a network with the driver ${driver} has no addresses`,
        `Write network_mode: ${driver === 'host' ? 'host' : 'none'} in the services.`,
      ),
    ];
  if (!BRIDGES.includes(driver))
    return [
      fault(
        [...path, 'driver'],
        `the driver ${driver} would make containers machines of the uplink's network, or is a plug-in; the OS has bridges`,
        'Delete `driver` and publish `ports`; or write CNI lists, for plugins that the image has: x-os: { cni: [network/10-lan.conflist] }.',
      ),
    ];
  const isDefault = ([option, value]: readonly [string, unknown]): boolean => option === HOST_BINDING[0] && value === HOST_BINDING[1];
  const unknown = Object.entries(driver_opts).flatMap((one) => (one[0].startsWith(OPTION) && !OPTIONS.includes(one[0]) && !isDefault(one) ? [one[0]] : []));
  return [
    ...unknown.map((option) => fault([...path, 'driver_opts', option], 'the OS has no such option of a bridge', `It has ${OPTIONS.join(', ')}.`)),
    ...(ipam.driver === undefined || ipam.driver === 'default'
      ? []
      : [fault([...path, 'ipam', 'driver'], `the OS gives addresses itself, not by ${ipam.driver}`, 'Delete `driver`.')]),
  ];
}

function warningsOf([name, { driver_opts = {}, ipam = {}, enable_ipv6 = false }]: Entry): Fault[] {
  const options = Object.keys(driver_opts).filter((option) => !option.startsWith(OPTION));
  const ignored = (ipam.config ?? []).flatMap(({ subnet = '' }, index) => (subnet.includes(':') && !enable_ipv6 ? [index] : []));
  return [
    ...options.map((option) => fault(['networks', name, 'driver_opts', option], 'a bridge has no such option: it changes nothing', 'Delete it.')),
    ...ignored.map((index) =>
      fault(['networks', name, 'ipam', 'config', index, 'subnet'], 'it changes nothing without enable_ipv6', 'Write enable_ipv6: true.'),
    ),
  ];
}

function poolFaults([name, network]: Entry): Fault[] {
  const pools = network.ipam?.config ?? [];
  return pools.flatMap((pool, index) => {
    const at = (key: string): (string | number)[] => ['networks', name, 'ipam', 'config', index, key];
    const { subnet = '', ip_range, gateway, aux_addresses = {} } = pool;
    const span = parseSubnet(subnet);
    if (subnet === '' && (ip_range ?? gateway) === undefined) return [];
    if (!span) return [fault(at('subnet'), subnetMessage(subnet), 'Write the first address of the subnet and its length.')];
    if (span.last - span.first < 3n) return [fault(at('subnet'), `${subnet} has no addresses for a gateway and a container`, 'Write a larger subnet.')];
    const second = pools.slice(0, index).some((other) => parseSubnet(other.subnet ?? '')?.family === span.family);
    if (second) return [fault(at('subnet'), `the network has a subnet of IPv${span.family} already`, 'Write one subnet, or a second network.')];
    const inside = (key: string, text: string): Fault[] => {
      const address = parseAddress(text);
      return address && contains(span, address) ? [] : [fault(at(key), `expected an address of ${subnet}, got ${text}`, 'Correct the address or the subnet.')];
    };
    const range = parseSubnet(ip_range ?? '');
    return [
      ...(gateway === undefined ? [] : inside('gateway', gateway)),
      ...Object.values(aux_addresses).flatMap((one) => inside('aux_addresses', one)),
      ...(ip_range === undefined || (range && contains(span, { ...range, value: range.first }) && contains(span, { ...range, value: range.last }))
        ? []
        : [fault(at('ip_range'), `expected a part of ${subnet}, got ${ip_range}`, 'Correct the range or the subnet.')]),
    ];
  });
}

function subnetMessage(subnet: string): string {
  const [start = '', prefix = ''] = subnet.split('/');
  const address = parseAddress(start);
  const size = 1n << BigInt(Math.max(0, (address?.family === 6 ? 128 : 32) - Number(prefix)));
  const first = address && /^\d+$/.test(prefix) ? `${formatAddress({ ...address, value: address.value - (address.value % size) })}/${prefix}` : '';
  return `expected ${parseSubnet(first) ? first : 'a subnet such as 10.5.0.0/16'}, got ${subnet || 'none'}`;
}

function bridgeFaults(entries: readonly Entry[]): Fault[] {
  const names = entries.map(([, { driver_opts = {} }], index) => String(driver_opts[NAME] ?? `cni${index}`));
  return entries.flatMap(([name, { driver_opts = {} }], index) => {
    const bridge = names[index] ?? '';
    const mtu = driver_opts[MTU];
    const other = names.indexOf(bridge) === index ? undefined : entries[names.indexOf(bridge)]?.[0];
    const at = (option: string): string[] => ['networks', name, 'driver_opts', option];
    return [
      ...(/^(?!(lo|eth\d*|veth.*)$)[a-zA-Z0-9][a-zA-Z0-9_.-]{0,14}$/.test(bridge)
        ? []
        : [fault(at(NAME), `expected a name of at most 15 characters that is no card of the OS, got ${bridge}`, 'Correct the name.')]),
      ...(other === undefined ? [] : [fault(at(NAME), `the network ${other} has the bridge ${bridge}`, 'Choose another name.')]),
      ...(mtu === undefined || (/^\d+$/.test(String(mtu)) && Number(mtu) >= 68 && Number(mtu) <= 65535)
        ? []
        : [fault(at(MTU), `expected a number from 68 to 65535, got ${mtu}`, 'Correct the number.')]),
    ];
  });
}

function overlapFaults(entries: readonly Entry[], subnets: ReadonlyMap<string, readonly Subnet[]>): Fault[] {
  const all = entries.flatMap(([name]) => (subnets.get(name) ?? []).map((subnet) => ({ name, subnet })));
  return all.flatMap(({ name, subnet }, index) => {
    const other = all.slice(0, index).find((one) => overlap(one.subnet, subnet));
    if (!other || !subnet.given) return [];
    const place = (entries.find(([one]) => one === name)?.[1].ipam?.config ?? []).findIndex((one) => one.subnet === subnet.text);
    const same = other.subnet.text === subnet.text ? 'is' : `overlaps ${other.subnet.text},`;
    return [
      fault(['networks', name, 'ipam', 'config', place, 'subnet'], `${subnet.text} ${same} the subnet of the network ${other.name}`, 'Choose another subnet.'),
    ];
  });
}
