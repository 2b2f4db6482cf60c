import { BuildError } from '@container-os/core/errors';
import { nameFault } from '@container-os/oci-bundle/name';
import { firstId } from '@container-os/oci-bundle/id-range';
import type { PlaceOf } from '../x-os.ts';
import { portText } from './networks.ts';
import { assignPorts, type Port } from './ports.ts';
import type { Workspace } from './binds.ts';
import type { Source } from './files.ts';
import type { Service } from './service.ts';

/** A volume of the file, with its real name. */
export interface ProjectVolume {
  name?: string;
  external?: boolean;
  driver?: string;
  driver_opts?: Readonly<Record<string, string>>;
}

/** What a service has to know of the project around it. */
export interface Project {
  name: string;
  services: Readonly<Record<string, Service>>;
  /** Those that a service uses, by key. */
  volumes: Readonly<Record<string, ProjectVolume>>;
  workspace: Workspace;
  secrets?: Readonly<Record<string, Source>>;
  configs?: Readonly<Record<string, Source>>;
  /** Names of the containers of a service, by number; none where the service is scaled to 0 or is off. */
  containersOf: (service: string) => string[];
  /** The image has CNI lists of its own, in place of the networks of the file. */
  ownLists: boolean;
  /** Keys that each container of a service has for itself. */
  ownOf: (service: string) => ContainerKeys[];
  /** What all containers of a service publish alike. */
  portsOf: (service: string) => Port[] | undefined;
  /** The seccomp profile that a file of the workspace has, on one line. */
  profileOf: (file: string) => string;
}

/** Keys of a container that differ from those of its service. */
export interface ContainerKeys {
  container_name: string;
  labels: Record<string, string>;
  ports?: string[];
  'x-first-id'?: number;
}

/** @throws BuildError PROJECT_INVALID for what only all services together show, with its place */
export function projectOf(
  name: string,
  {
    services,
    volumes = {},
    workspace,
    secrets = {},
    configs = {},
  }: Pick<Project, 'services' | 'workspace' | 'secrets' | 'configs'> & Partial<Pick<Project, 'volumes'>>,
  placeOf: PlaceOf,
  ownLists = false,
): Omit<Project, 'profileOf'> {
  const containers = new Map(Object.entries(services).map(([service, keys]) => [service, namesOf(name, service, keys)]));
  checkNames(containers, services, placeOf);
  const containersOf = (service: string): string[] => containers.get(service) ?? [];
  const ports = assignPorts(services, containersOf, placeOf);
  const ids = assignIds([...containers.values()].flat());
  const ownOf = (service: string): ContainerKeys[] =>
    containersOf(service).map((container, index, all) => {
      const own = ports.get(container) ?? [];
      const id = ids.get(container);
      return {
        container_name: container,
        labels: composeLabels(name, service, index + 1),
        ...(all.length > 1 && own.length > 0 ? { ports: own.map(portText) } : {}),
        ...(id === undefined ? {} : { 'x-first-id': id }),
      };
    });
  const portsOf = (service: string): Port[] | undefined => {
    const [container, ...more] = containersOf(service);
    return container !== undefined && more.length === 0 ? ports.get(container) : undefined;
  };
  return { name, services, volumes, workspace, secrets, configs, containersOf, ownLists, ownOf, portsOf };
}

function namesOf(project: string, service: string, { container_name, scale, deploy }: Service): string[] {
  const count = Number(scale ?? deploy?.replicas ?? 1);
  return Array.from({ length: count }, (_, index) => container_name ?? `${project}-${service}-${index + 1}`);
}

/** Those by which programs that know Compose find the containers of a project. */
function composeLabels(project: string, service: string, number: number): Record<string, string> {
  const labels = { project, service, 'container-number': String(number), oneoff: 'False' };
  return Object.fromEntries(Object.entries(labels).map(([key, value]) => [`com.docker.compose.${key}`, value]));
}

function checkNames(containers: ReadonlyMap<string, string[]>, services: Project['services'], placeOf: PlaceOf): void {
  const users = new Map<string, string>();
  for (const [service, names] of containers) {
    const path = ['services', service, ...(services[service]?.container_name === undefined ? [] : ['container_name'])];
    for (const name of names) {
      const fault = nameFault(name);
      if (fault)
        throw new BuildError('CONTAINER_NAME_INVALID', `${placeOf(path)}: ${path.join('.')}: the container is called ${JSON.stringify(name)}: ${fault}`, {
          hint: `Rename the service, or give it another "container_name".`,
        });
      const other = users.get(name);
      if (other !== undefined)
        throw new BuildError('CONTAINER_NAME_TAKEN', `${placeOf(path)}: ${path.join('.')}: a container of the service "${other}" is called "${name}" too`, {
          hint: `Choose another "container_name".`,
        });
      users.set(name, service);
    }
  }
}

/** Ranges of ids for the containers whose names come to one that another has. The order is that of the names, so that a file may be rearranged. */
function assignIds(names: readonly string[]): Map<string, number> {
  const given = new Map<string, number>();
  const taken = new Set<number>();
  for (const name of [...names].sort()) {
    const id = firstId(name, taken);
    if (id !== firstId(name)) given.set(name, id);
    taken.add(id);
  }
  return given;
}
