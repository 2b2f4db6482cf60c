import type { Source } from './files.ts';
import type { Service } from './service.ts';

/** What a service has to know of the project around it. */
export interface Project {
  name: string;
  services: Readonly<Record<string, Service>>;
  secrets?: Readonly<Record<string, Source>>;
  configs?: Readonly<Record<string, Source>>;
  /** Names of the containers of a service. */
  containersOf: (service: string) => string[];
}

export function projectOf(name: string, { services, secrets = {}, configs = {} }: Pick<Project, 'services' | 'secrets' | 'configs'>): Project {
  return { name, services, secrets, configs, containersOf: (service) => [services[service]?.container_name ?? service] };
}
