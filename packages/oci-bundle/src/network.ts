import type { Definition } from './definition.schema.d.ts';
import type { Fault } from './schema-fault.ts';

/** A published port, in the format of the CNI capability portMappings. */
export interface PortMapping {
  hostPort: number;
  containerPort: number;
  protocol: 'tcp' | 'udp';
  hostIP?: string;
}

/** Parses `ports` in Compose's short syntax, `[IP:]HOST:CONTAINER[/PROTOCOL]`. */
export function portMappings({ ports = [] }: Pick<Definition, 'ports'>): PortMapping[] {
  return ports.map((text) => {
    const [addresses = '', protocol = 'tcp'] = text.split('/');
    const [containerPort, hostPort, hostIP] = addresses.split(':').reverse();
    return {
      hostPort: Number(hostPort),
      containerPort: Number(containerPort),
      protocol: protocol as PortMapping['protocol'],
      ...(hostIP === undefined ? {} : { hostIP }),
    };
  });
}

/** Names of the networks that a container joins; none with `network_mode` none or host. */
export function networksOf({ network_mode = 'bridge', networks = ['default'] }: Pick<Definition, 'network_mode' | 'networks'>): string[] {
  return network_mode === 'bridge' ? networks : [];
}

/** The first fault of network_mode, networks and ports that the schema cannot express. */
export function networkFault({ network_mode = 'bridge', networks, ports = [] }: Definition): Fault | undefined {
  if (network_mode !== 'bridge' && networks)
    return { path: '/networks', expected: `no such key together with "network_mode": "${network_mode}"`, actual: networks };
  if (network_mode !== 'bridge' && ports.length > 0)
    return { path: '/ports', expected: `no such key together with "network_mode": "${network_mode}"`, actual: ports };
  const mappings = portMappings({ ports });
  for (const [index, { hostPort, containerPort, protocol, hostIP }] of mappings.entries()) {
    const fault = (expected: string): Fault => ({ path: `/ports/${index}`, expected, actual: ports[index] });
    if (![hostPort, containerPort].every((port) => port >= 1 && port <= 65535)) return fault('ports from 1 to 65535');
    if (hostIP?.split('.').some((byte) => Number(byte) > 255)) return fault('an IPv4 address');
    if (mappings.slice(0, index).some((one) => one.hostPort === hostPort && one.protocol === protocol))
      return fault('a port of the OS that no other entry uses');
  }
  return undefined;
}
