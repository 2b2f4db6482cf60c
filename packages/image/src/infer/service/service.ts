import type { Definition, ImageService } from '@container-os/oci-bundle/container';
import type { ServiceXOs } from '../../service-x-os.schema.d.ts';
import { defined } from './defined.ts';
import { filesOf } from './files.ts';
import { checkOf, isCheck, lifeOf } from './life.ts';
import { mountsOf } from './mounts.ts';
import { networksOf, withOwner } from './networks.ts';
import { privilegesOf } from './privileges.ts';
import { resourcesOf } from './resources.ts';
import type { Project, Service } from './model.ts';

/** What the OS runs for a service whose root is made of layers. What the file does not say is absent. */
export function containerOf(name: string, service: Service, project: Project, xOs: ServiceXOs): Omit<Definition, 'rootfs' | 'image'> {
  const { entrypoint, command, healthcheck } = service;
  const words = [...(entrypoint ?? []), ...(command ?? [])];
  return defined({
    command: words,
    ...keysOf(name, service, project, xOs, isCheck(healthcheck) ? checkOf(healthcheck) : undefined),
  }) as unknown as Definition;
}

/** The same of a service with an OCI image, which says the rest. */
export function serviceOf(name: string, service: Service, project: Project, xOs: ServiceXOs): ImageService {
  const { entrypoint, command, healthcheck } = service;
  const check = healthcheck && (isCheck(healthcheck) ? checkOf(healthcheck) : { test: ['NONE'] });
  return defined({ entrypoint: entrypoint ?? undefined, command: command ?? undefined, ...keysOf(name, service, project, xOs, check) });
}

function keysOf(name: string, service: Service, project: Project, xOs: ServiceXOs, healthcheck: object | undefined): Record<string, unknown> {
  const { user, group_add, working_dir, hostname, domainname, read_only, labels, annotations } = service;
  return {
    user,
    group_add: group_add?.map(String),
    working_dir,
    hostname,
    domainname,
    healthcheck,
    ...lifeOf(withOwner(service, project), project),
    ...networksOf(name, service, project),
    ...mountsOf(service, project),
    ...filesOf(service, project),
    read_only,
    'x-writable-layer': xOs.writableLayer,
    ...resourcesOf(service),
    ...privilegesOf(service, project),
    labels,
    annotations,
  };
}
