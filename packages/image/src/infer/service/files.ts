import { posix } from 'node:path';
import type { Project } from './project.ts';
import type { Service } from './service.ts';

/** A secret or config of a project: where its content is, not what that is. */
export interface Source {
  name?: string;
  external?: boolean;
}

/** The secrets and configs of a service, at absolute paths: those of secrets begin at /run/secrets, those of configs at /. */
export function filesOf(service: Service, project: Project): object {
  return { secrets: mounted(service.secrets, project.secrets, '/run/secrets'), configs: mounted(service.configs, project.configs, '/') };
}

function mounted(list: Service['secrets'], sources: Readonly<Record<string, Source>> = {}, directory: string): object[] | undefined {
  return list?.map(({ source, target = source, ...owner }) => {
    const { external, name = source } = sources[source] ?? {};
    return { source: external ? name : source, target: posix.resolve(directory, target), ...owner, ...(external ? { external: true } : {}) };
  });
}

/** Names of those that the image holds. */
export function heldBy({ secrets = [], configs = [] }: Service, project: Project): { secrets: string[]; configs: string[] } {
  const held = (list: Service['secrets'] = [], sources: Readonly<Record<string, Source>> = {}): string[] =>
    [...new Set(list.map(({ source }) => source))].filter((source) => !sources[source]?.external);
  return { secrets: held(secrets, project.secrets), configs: held(configs, project.configs) };
}
