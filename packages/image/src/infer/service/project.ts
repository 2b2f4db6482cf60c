import type { Service } from './service.ts';

/** What a service has to know of the project around it. */
export interface Project {
  name: string;
  services: Readonly<Record<string, Service>>;
  /** Names of the containers of a service. */
  containersOf: (service: string) => string[];
  /** The seccomp profile that a file of the workspace has, on one line. */
  profileOf: (file: string) => string;
}

export function projectOf(name: string, services: Project['services'], profileOf: Project['profileOf']): Project {
  return { name, services, containersOf: (service) => [services[service]?.container_name ?? service], profileOf };
}
