import { listName } from '@container-os/system/networks';
import { defined } from './defined.ts';
import type { Project } from './project.ts';
import type { Service } from './service.ts';

/** What a service is in a network that it joins. */
export interface Joined {
  aliases?: string[];
  ipv4_address?: string;
  ipv6_address?: string;
  link_local_ips?: string[];
  mac_address?: string;
  interface_name?: string;
  priority?: number;
  gw_priority?: number;
  driver_opts?: Record<string, string | number>;
}

type Named = Pick<Service, 'network_mode' | 'networks' | 'mac_address'>;

/** Of each network of the service, what its containers are there. In the order in which they join: by priority, then by name. */
export function endpointsOf({ network_mode: mode, networks, mac_address }: Named, project: Pick<Project, 'ownLists'>): [string, Joined | null][] {
  // Docker's own bridge is a network of its own.
  if (mode === 'bridge' || mode === 'default') return project.ownLists ? [] : [['bridge', mac_address === undefined ? null : { mac_address }]];
  if (mode !== undefined) return [];
  const sorted = Object.entries(networks ?? {}).sort(([a, one], [b, two]) => (two?.priority ?? 0) - (one?.priority ?? 0) || (a < b ? -1 : 1));
  // The address of the service is that of its first network.
  return sorted.map(([name, joined], index) => [name, index === 0 && mac_address !== undefined ? { mac_address, ...joined } : joined]);
}

/** Networks, names and ports of a service. What needs no word is absent: that every service is in the network "default", and has its container's name. */
export function networksOf(name: string, service: Service, project: Project): object {
  const { ports, extra_hosts, dns, dns_search, dns_opt, network_mode: mode } = service;
  const endpoints = endpointsOf(service, project);
  const [container] = project.containersOf(name);
  const joined = endpoints.map(([network, endpoint]): [string, Joined | null] => {
    const { driver_opts: _, ...keys } = endpoint ?? {};
    const aliases = [...new Set([...(name === container ? [] : [name]), ...(keys.aliases ?? [])])];
    const own = defined({ ...keys, aliases: aliases.length > 0 ? aliases : undefined });
    return [network === 'default' ? network : project.ownLists ? network : listName(network), Object.keys(own).length > 0 ? own : null];
  });
  const plain = joined.length === 0 || (joined.length === 1 && joined[0]?.[0] === 'default' && joined[0][1] === null);
  const links = linksOf(service, project);
  return {
    network_mode: modeOf(mode, endpoints.length > 0, project),
    networks: plain ? undefined : (ordered(joined) ?? Object.fromEntries(joined)),
    links: links.length > 0 ? links : undefined,
    extra_hosts: extra_hosts && extra_hosts.length > 0 ? extra_hosts : undefined,
    ports: ports?.map(portText),
    dns,
    dns_search,
    dns_opt,
  };
}

/** The names alone, where the file says nothing but an order, which is one for interfaces and routes. */
function ordered(joined: [string, Joined | null][]): string[] | undefined {
  const said = joined.flatMap(([, endpoint]) => Object.keys(endpoint ?? {}));
  if (said.some((key) => key !== 'priority' && key !== 'gw_priority')) return undefined;
  const routes = [...joined].sort(([a, one], [b, two]) => (two?.gw_priority ?? 0) - (one?.gw_priority ?? 0) || (a < b ? -1 : 1));
  return routes.every((one, index) => one === joined[index]) ? joined.map(([name]) => name) : undefined;
}

/** What Compose implies for "service:", of a container named by its own name: it starts first, and who uses its interfaces starts again with it. */
export function withOwner(service: Service, project: Project): Service {
  const [, container] = /^container:(.*)$/.exec(service.network_mode ?? '') ?? [];
  const owner = Object.keys(project.services).find((one) => container !== undefined && project.containersOf(one).includes(container));
  return owner === undefined ? service : { ...service, depends_on: { [owner]: { condition: 'service_started', restart: true }, ...service.depends_on } };
}

/** Those of another service are those of its first container. */
function modeOf(mode: string | undefined, joins: boolean, project: Project): string | undefined {
  if (joins) return undefined;
  return mode?.startsWith('service:') ? `container:${project.containersOf(mode.slice('service:'.length))[0]}` : mode;
}

/** Each container of a linked service has the alias. Links to containers outside are to those of the file: there are no others. */
function linksOf({ links = [], external_links = [] }: Service, { containersOf }: Project): string[] {
  const parts = (link: string): [string, string] => {
    const [target = '', alias = target] = link.split(':');
    return [target, alias];
  };
  return [
    ...links.map(parts).flatMap(([service, alias]) => containersOf(service).map((container) => `${container}:${alias}`)),
    ...external_links.map(parts).map(([container, alias]) => `${container}:${alias}`),
  ];
}

/** The short form: `127.0.0.1:8080:80/udp`. */
export function portText({ target, published, protocol = 'tcp', host_ip: host }: NonNullable<Service['ports']>[number]): string {
  const address = host === undefined ? '' : host.includes(':') ? `[${host}]:` : `${host}:`;
  return `${address}${published ?? target}:${target}${protocol === 'tcp' ? '' : `/${protocol}`}`;
}
