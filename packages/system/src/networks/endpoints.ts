import { contains, parseAddress, type Address, type Subnet } from './addresses.ts';
import { fault, type Fault } from './fault.ts';

/** What a service says of a network that it joins. */
export interface Endpoint {
  ipv4_address?: string;
  ipv6_address?: string;
  mac_address?: string;
  interface_name?: string;
  link_local_ips?: readonly string[];
  driver_opts?: Readonly<Record<string, string | number>>;
}

/** By service: its networks, and how many containers it has. */
export type Endpoints = Readonly<Record<string, { networks: Readonly<Record<string, Endpoint | null>>; containers: number }>>;

const KEYS = ['ipv4_address', 'ipv6_address'] as const;

/** The addresses that services ask for, by network. */
export function fixedAddresses(endpoints: Endpoints): [string, Address][] {
  return asked(endpoints).flatMap(({ network, text }) => {
    const address = parseAddress(text);
    return address ? [[network, address] as [string, Address]] : [];
  });
}

function asked(endpoints: Endpoints): { service: string; network: string; key: (typeof KEYS)[number]; text: string; containers: number }[] {
  return Object.entries(endpoints).flatMap(([service, { networks, containers }]) =>
    Object.entries(networks).flatMap(([network, endpoint]) =>
      KEYS.flatMap((key) => {
        const text = endpoint?.[key];
        return text === undefined ? [] : [{ service, network, key, text, containers }];
      }),
    ),
  );
}

/** What an engine would refuse when the container starts. */
export function endpointFaults(endpoints: Endpoints, subnets: ReadonlyMap<string, readonly Subnet[]>): Fault[] {
  const owners = new Map<string, string>();
  const addresses = asked(endpoints).flatMap(({ service, network, key, text, containers }) => {
    const path = ['services', service, 'networks', network, key];
    const own = (subnets.get(network) ?? []).filter(({ family }) => family === (key === 'ipv4_address' ? 4 : 6));
    const message = addressFault(text, own, network);
    if (message) return [fault(path, message, `Choose an address of ${own.map((one) => one.text).join(', ') || 'the subnet that the network gets'}.`)];
    if (containers > 1) return [fault(path, `the ${containers} containers of the service cannot all have ${text}`, 'Delete the address or `replicas`.')];
    const id = `${network} ${parseAddress(text)?.value}`;
    const owner = owners.get(id);
    owners.set(id, owner ?? service);
    return owner === undefined ? [] : [fault(path, `${text} is the address of the service ${owner}`, 'Choose another address.')];
  });
  return [...addresses, ...Object.entries(endpoints).flatMap(([service, { networks }]) => interfaceFaults(service, networks))];
}

function addressFault(text: string, subnets: readonly Subnet[], network: string): string | undefined {
  const address = parseAddress(text);
  if (!address) return `expected an address, got ${text}`;
  const subnet = subnets.find(({ given }) => given);
  if (!subnet) return `an address needs a subnet, and the network ${network} names none of IPv${address.family}: networks.${network}.ipam.config`;
  if (!contains(subnet, address)) return `${text} is not in the subnet ${subnet.text} of the network ${network}`;
  if (address.value === subnet.first || (address.family === 4 && address.value === subnet.last)) return `${text} is no address of a machine in ${subnet.text}`;
  if (address.value === subnet.gateway.value) return `${text} is the gateway of the network ${network}`;
  return subnet.reserved.some(({ value }) => value === address.value) ? `${text} is one of the aux_addresses of the network ${network}` : undefined;
}

function interfaceFaults(service: string, networks: Endpoints[string]['networks']): Fault[] {
  const entries = Object.entries(networks);
  return entries.flatMap(([network, endpoint], index) => {
    const { mac_address: mac, interface_name: name, link_local_ips = [], driver_opts = {} } = endpoint ?? {};
    const at = (key: string): string[] => ['services', service, 'networks', network, key];
    const twice = name !== undefined && entries.slice(0, index).some(([, other]) => other?.interface_name === name);
    return [
      ...(mac === undefined || /^[\da-f][02468ace]([:-][\da-f]{2}){5}$/i.test(mac)
        ? []
        : [fault(at('mac_address'), `expected an address of one card, such as 02:42:0a:05:00:05, got ${mac}`, 'Correct the address.')]),
      ...(name === undefined || (/^(?!lo$)[a-zA-Z0-9][a-zA-Z0-9_.-]{0,14}$/.test(name) && !twice)
        ? []
        : [fault(at('interface_name'), `expected a name of its own of at most 15 characters, got ${name}`, 'Correct the name.')]),
      ...link_local_ips.filter((one) => !parseAddress(one)).map((one) => fault(at('link_local_ips'), `expected addresses, got ${one}`, 'Correct the address.')),
      ...Object.keys(driver_opts).map((option) =>
        fault([...at('driver_opts'), option], 'the OS has no options of a network for one service', 'Write them in `driver_opts` of the network.'),
      ),
    ];
  });
}
