import type { Service } from './service.ts';

/** What a service has to know of the project around it. */
export interface Project {
  name: string;
  services: Readonly<Record<string, Service>>;
  /** Names of the containers of a service. */
  containersOf: (service: string) => string[];
  /** The image has CNI lists of its own, in place of the networks of the file. */
  ownLists: boolean;
}

export function projectOf(name: string, services: Project['services'], ownLists = false): Project {
  return { name, services, containersOf: (service) => [services[service]?.container_name ?? service], ownLists };
}
