import { shellQuote } from '@container-os/core/portable';
import type { Definition } from './definition.schema.d.ts';
import type { Fault } from './schema-fault.ts';

/** A published port, in the format of the CNI capability portMappings. */
export interface PortMapping {
  hostPort: number;
  containerPort: number;
  protocol: 'tcp' | 'udp';
  hostIP?: string;
}

/** What a container is in a network that it joins. */
type Endpoint = NonNullable<Exclude<NonNullable<Definition['networks']>, unknown[]>[string]>;

/** The network namespace of another container, that it joins. */
const CONTAINER = 'container:';

/** Parses `ports` in Compose's short syntax, `[IP:]HOST:CONTAINER[/PROTOCOL]`. */
export function portMappings({ ports = [] }: Pick<Definition, 'ports'>): PortMapping[] {
  return ports.map((text) => {
    const [addresses = '', protocol = 'tcp'] = text.split('/');
    const [, hostIP, hostPort, containerPort] = /^(?:\[?(.*?)\]?:)?(\d+):(\d+)$/.exec(addresses) ?? [];
    return {
      hostPort: Number(hostPort),
      containerPort: Number(containerPort),
      protocol: protocol as PortMapping['protocol'],
      // Every address of the OS needs no word.
      ...(hostIP === undefined || hostIP === '0.0.0.0' ? {} : { hostIP }),
    };
  });
}

/** Names of the networks that a container joins; none with another `network_mode` than bridge. */
export function networksOf(definition: Pick<Definition, 'network_mode' | 'networks'>): string[] {
  return endpointsOf(definition).map(([name]) => name);
}

/** The container whose interfaces this one uses. */
export function networkOwner({ network_mode = 'bridge' }: Pick<Definition, 'network_mode'>): string | undefined {
  return network_mode.startsWith(CONTAINER) ? network_mode.slice(CONTAINER.length) : undefined;
}

/** Whether the container's namespace of networks, with its kernel parameters and its /sys, is its own. */
export function ownsNetwork({ network_mode = 'bridge' }: Pick<Definition, 'network_mode'>): boolean {
  return network_mode === 'bridge' || network_mode === 'none';
}

/**
 * The variables of the file service for the OS's scripts: the networks in the order of their interfaces, and in the order in which they are joined
 * (the first one with a way out has the default route and the published ports); the ports, as PORT/PROTOCOL or PORT/PROTOCOL@ADDRESS; of each
 * network, as NETWORK:VALUE, the container's names, and what else it is there; names that it alone has for others, ALIAS:CONTAINER.
 */
export function networkLines(name: string, definition: Pick<Definition, 'network_mode' | 'networks' | 'ports' | 'links' | 'extra_hosts'>): string[] {
  const endpoints = endpointsOf(definition);
  const networks = endpoints.map(([network]) => network);
  const mappings = endpoints.length > 0 ? portMappings(definition) : [];
  const each = (values: (endpoint: Endpoint) => (string | undefined)[]): string[] =>
    endpoints.flatMap(([network, endpoint]) => values(endpoint).flatMap((value) => (value === undefined ? [] : [`${network}:${value}`])));
  const links = (definition.links ?? []).map((link) => link.split(':').reverse().join(':'));
  const owner = networkOwner(definition);
  const some: [string, string[]][] = [
    ['join_order', joinOrder(definition, endpoints)],
    ['interfaces', endpoints.some(([, { interface_name }]) => interface_name !== undefined) ? interfaces(endpoints) : []],
    ['addresses', each(({ ipv4_address, ipv6_address }) => [ipv4_address, ipv6_address])],
    ['link_local', each(({ link_local_ips = [] }) => link_local_ips)],
    ['macs', each(({ mac_address }) => [mac_address?.replaceAll('-', ':').toLowerCase()])],
    ['links', links],
    ['extra_hosts', definition.extra_hosts ?? []],
    ['network_owner', owner === undefined ? [] : [owner]],
  ];
  return [
    `networks='${networks.join(' ')}'`,
    `names='${each(({ aliases = [] }) => [...new Set([name, ...aliases])]).join(' ')}'`,
    `ports='${[...new Set(mappings.map(({ hostPort, protocol, hostIP }) => `${hostPort}/${protocol}${hostIP === undefined ? '' : `@${hostIP}`}`))].join(' ')}'`,
    // In the CNI plugin's own format, so that no script has to write JSON.
    `port_mappings='${mappings.length > 0 ? JSON.stringify(mappings) : ''}'`,
    ...some.filter(([, values]) => values.length > 0).map(([key, values]) => `${key}=${shellQuote(values.join(' '))}`),
  ];
}

/** In the order of their interfaces: that of a list, else by priority, then by name. */
function endpointsOf({ network_mode = 'bridge', networks = ['default'] }: Pick<Definition, 'network_mode' | 'networks'>): [string, Endpoint][] {
  if (network_mode !== 'bridge') return [];
  if (Array.isArray(networks)) return networks.map((name) => [name, {}]);
  return Object.entries(networks)
    .map(([name, endpoint]): [string, Endpoint] => [name, endpoint ?? {}])
    .sort(([a, one], [b, two]) => (two.priority ?? 0) - (one.priority ?? 0) || (a < b ? -1 : 1));
}

/** Nothing where it is the order of the interfaces. */
function joinOrder({ networks }: Pick<Definition, 'networks'>, endpoints: readonly [string, Endpoint][]): string[] {
  if (Array.isArray(networks)) return [];
  const order = [...endpoints].sort(([a, one], [b, two]) => (two.gw_priority ?? 0) - (one.gw_priority ?? 0) || (a < b ? -1 : 1));
  return order.every(([name], index) => name === endpoints[index]?.[0]) ? [] : order.map(([name]) => name);
}

/** eth0, eth1 and so on, but for those that the definition names. */
function interfaces(endpoints: readonly [string, Endpoint][]): string[] {
  const given = endpoints.flatMap(([, { interface_name }]) => interface_name ?? []);
  const free = endpoints.map((_, index) => `eth${index}`).filter((one) => !given.includes(one));
  return endpoints.map(([, { interface_name }]) => interface_name ?? free.shift()!);
}

/** The first fault of network_mode, networks and ports that the schema cannot express. */
export function networkFault(definition: Definition): Fault | undefined {
  const { network_mode = 'bridge', networks, ports = [] } = definition;
  if (network_mode !== 'bridge' && networks)
    return { path: '/networks', expected: `no such key together with "network_mode": "${network_mode}"`, actual: networks };
  if (networkOwner(definition) !== undefined && ports.length > 0)
    return { path: '/ports', expected: `no such key together with "network_mode": "${network_mode}": publish them for that container`, actual: ports };
  const mappings = portMappings({ ports });
  for (const [index, { hostPort, containerPort, protocol, hostIP }] of mappings.entries()) {
    const fault = (expected: string): Fault => ({ path: `/ports/${index}`, expected, actual: ports[index] });
    if (![hostPort, containerPort].every((port) => port >= 1 && port <= 65535)) return fault('ports from 1 to 65535');
    if (hostIP?.includes('.') && hostIP.split('.').some((byte) => Number(byte) > 255)) return fault('an IPv4 address');
    const meets = (other: string | undefined): boolean => other === undefined || hostIP === undefined || other === hostIP;
    if (mappings.slice(0, index).some((one) => one.hostPort === hostPort && one.protocol === protocol && meets(one.hostIP)))
      return fault('a port of the OS that no other entry uses');
  }
  return undefined;
}
