import { formatPath } from '@container-os/compose-file';
import { BuildError } from '@container-os/core/errors';
import { composeNetworks, type ComposeNetwork, type Endpoint, type Fault, type NetworkFile } from '@container-os/system/networks';
import { endpointsOf } from './service/networks.ts';
import type { PlaceOf } from './x-os.ts';
import type { Project } from './service/model.ts';

/** The networks of a project as CNI lists, and what reading them was not sure of. */
export interface Networks {
  lists: NetworkFile[];
  warnings: string[];
}

/**
 * The networks of a Compose file. Docker's own bridge, which `network_mode: bridge` means, is one of them if a service is on it.
 *
 * @param own the image has CNI lists of its own: what the file says of networks is for Docker
 * @throws BuildError NETWORK_INVALID with every fault, each with its place
 */
export function networksOf(networks: Readonly<Record<string, ComposeNetwork | null>>, project: Project, placeOf: PlaceOf, own: boolean): Networks {
  const services = Object.entries(project.services);
  const modes = services.flatMap(([name, service]) => modeFaults(name, service, project));
  const endpoints = Object.fromEntries(
    services.map(([name, service]) => [
      name,
      { networks: Object.fromEntries(endpointsOf(service, project)) as Record<string, Endpoint | null>, containers: project.containersOf(name).length },
    ]),
  );
  const bridged = services.some(([, { network_mode: mode }]) => mode === 'bridge');
  const made = own ? { lists: [], faults: [], warnings: [] } : composeNetworks({ ...(bridged ? { bridge: null } : {}), ...networks }, endpoints);
  const faults = [...modes, ...made.faults];
  const textOf = ({ path, message }: Fault): string => `${placeOf(path)}: ${formatPath(path)}: ${message}`;
  if (faults.length > 0)
    throw new BuildError('NETWORK_INVALID', faults.map(textOf).join('\n'), { hint: [...new Set(faults.map(({ hint }) => hint))].join(' ') });
  return { lists: made.lists, warnings: made.warnings.map(textOf) };
}

/** What is wrong with `network_mode`, and what does not go with it. */
function modeFaults(name: string, { network_mode: mode = 'bridge', ports = [], external_links = [] }: Project['services'][string], project: Project): Fault[] {
  const at = (key: string): string[] => ['services', name, key];
  const [, container] = /^container:(.*)$/.exec(mode) ?? [];
  const [first] = mode.startsWith('service:') ? project.containersOf(mode.slice('service:'.length)) : [];
  const shares = container !== undefined || mode.startsWith('service:');
  const links = external_links.map((link) => link.split(':')[0] ?? '').filter((one) => !hasContainer(project, one));
  return [
    ...(container !== undefined && !hasContainer(project, container)
      ? [
          {
            path: at('network_mode'),
            message: `no service has the container_name ${container}`,
            hint: 'Everything that the OS runs is in the file: write network_mode: service:NAME.',
          },
        ]
      : []),
    ...(mode.startsWith('service:') && first === undefined
      ? [{ path: at('network_mode'), message: `the service ${mode.slice('service:'.length)} has no container`, hint: 'Give it one.' }]
      : []),
    ...(shares || ['bridge', 'default', 'none', 'host'].includes(mode)
      ? []
      : [
          {
            path: at('network_mode'),
            message: `expected bridge, none, host, service:NAME or container:NAME, got ${mode}`,
            hint: 'Write `networks` to join a network of the file.',
          },
        ]),
    ...(shares && ports.length > 0
      ? [{ path: at('ports'), message: `the service uses the interfaces of another one (network_mode: ${mode})`, hint: 'Publish the ports in that service.' }]
      : []),
    ...links.map((link) => ({
      path: at('external_links'),
      message: `no service has the container_name ${link}`,
      hint: 'Everything that the OS runs is in the file: write `links`.',
    })),
    ...ports.flatMap(({ protocol = 'tcp' }, index) =>
      ['tcp', 'udp'].includes(protocol)
        ? []
        : [
            {
              path: [...at('ports'), index],
              message: `the OS publishes tcp and udp, not ${protocol}`,
              hint: 'Containers of one network reach each other by any protocol.',
            },
          ],
    ),
  ];
}

function hasContainer(project: Project, container: string): boolean {
  return Object.keys(project.services).some((service) => project.containersOf(service).includes(container));
}
