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
  /** Names of the containers of a service. */
  containersOf: (service: string) => string[];
}

export function projectOf(
  name: string,
  services: Project['services'],
  volumes: Project['volumes'] = {},
  workspace: Workspace,
  { secrets = {}, configs = {} }: Pick<Project, 'secrets' | 'configs'> = {},
): Project {
  return { name, services, volumes, workspace, secrets, configs, containersOf: (service) => [services[service]?.container_name ?? service] };
}
