import type { Definition, ImageService } from '@container-os/oci-bundle/container';
import type { ServiceXOs } from '../../service-x-os.schema.d.ts';
import { defined } from './defined.ts';
import { filesOf } from './files.ts';
import { checkOf, isCheck, lifeOf } from './life.ts';
import { mountsOf } from './mounts.ts';
import { networksOf, withOwner, type Joined } from './networks.ts';
import { privilegesOf } from './privileges.ts';
import type { Project } from './project.ts';
import { resourcesOf } from './resources.ts';

/** A service of a normalised Compose file, as far as the OS has a word for it. Source: what `docker compose config --format json` prints. */
export interface Service {
  container_name?: string;
  entrypoint?: string[] | null | undefined;
  command?: string[] | null | undefined;
  user?: string;
  group_add?: (string | number)[];
  working_dir?: string;
  hostname?: string;
  restart?: string;
  depends_on?: Record<string, { condition: string; required?: boolean; restart?: boolean }>;
  healthcheck?: {
    test?: string[];
    interval?: string;
    timeout?: string;
    retries?: number;
    start_period?: string;
    start_interval?: string;
    disable?: boolean;
  };
  scale?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  deploy?: {
    replicas?: number;
    resources?: { limits?: { cpus?: number | string; memory?: string; pids?: number }; reservations?: { memory?: string } };
    restart_policy?: { condition?: string; max_attempts?: number };
  };
  init?: boolean;
  tty?: boolean;
  stdin_open?: boolean;
  post_start?: Hook[];
  pre_stop?: Hook[];
  stop_signal?: string;
  stop_grace_period?: string;
  network_mode?: string;
  networks?: Record<string, Joined | null>;
  mac_address?: string;
  links?: string[];
  external_links?: string[];
  extra_hosts?: string[];
  ports?: { target: number; published?: string; protocol?: string; host_ip?: string }[];
  tmpfs?: string[];
  volumes?: {
    type: string;
    source?: string;
    target: string;
    read_only?: boolean;
    bind?: { create_host_path?: boolean };
    volume?: { nocopy?: boolean; subpath?: string; container?: string };
    tmpfs?: { size?: string | number; mode?: number };
  }[];
  secrets?: { source: string; target?: string; uid?: string; gid?: string; mode?: string }[];
  configs?: Service['secrets'];
  volumes_from?: string[];
  read_only?: boolean;
  mem_limit?: string;
  mem_reservation?: string;
  oom_score_adj?: number;
  shm_size?: string;
  cpus?: number;
  cpu_period?: number | string;
  cpu_quota?: number | string;
  cpu_shares?: number;
  cpuset?: string;
  pids_limit?: number;
  ulimits?: Record<string, number | { soft?: number; hard?: number }>;
  sysctls?: Record<string, string>;
  cap_add?: string[];
  cap_drop?: string[];
  security_opt?: string[];
  privileged?: boolean;
  devices?: { source: string; target?: string; permissions?: string }[];
  device_cgroup_rules?: string[];
  pid?: string;
  ipc?: string;
  uts?: string;
  cgroup?: string;
  domainname?: string;
  userns_mode?: string;
  dns?: string[];
  dns_search?: string[];
  dns_opt?: string[];
}

/** A command beside the program. */
export interface Hook {
  command?: string[] | null;
  user?: string;
  privileged?: boolean;
  working_dir?: string;
  environment?: Record<string, string | null>;
}

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
