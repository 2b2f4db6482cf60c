import type { Definition, ImageService } from '@container-os/oci-bundle/container';
import type { ServiceXOs } from '../../service-x-os.schema.d.ts';
import { defined } from './defined.ts';
import { checkOf, isCheck, lifeOf } from './life.ts';
import { mountsOf } from './mounts.ts';
import { networksOf, type Networks } from './networks.ts';
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
    resources?: { limits?: { cpus?: number | string; memory?: string; pids?: number } };
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
  ports?: { target: number; published?: string; protocol?: string; host_ip?: string }[];
  tmpfs?: string[];
  volumes?: {
    type: string;
    source?: string;
    target: string;
    read_only?: boolean;
    volume?: { nocopy?: boolean; subpath?: string };
    tmpfs?: { size?: string | number; mode?: number };
  }[];
  read_only?: boolean;
  mem_limit?: string;
  shm_size?: string;
  cpus?: number;
  pids_limit?: number;
  ulimits?: Record<string, number | { soft: number; hard: number }>;
  sysctls?: Record<string, string>;
  cap_add?: string[];
  cap_drop?: string[];
  security_opt?: string[];
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
export function containerOf(service: Service, networks: Networks, project: Project, xOs: ServiceXOs): Omit<Definition, 'rootfs' | 'image'> {
  const { entrypoint, command, healthcheck } = service;
  const words = [...(entrypoint ?? []), ...(command ?? [])];
  return defined({
    command: words,
    ...keysOf(service, networks, project, xOs, isCheck(healthcheck) ? checkOf(healthcheck) : undefined),
  }) as unknown as Definition;
}

/** The same of a service with an OCI image, which says the rest. */
export function serviceOf(service: Service, networks: Networks, project: Project, xOs: ServiceXOs): ImageService {
  const { entrypoint, command, healthcheck } = service;
  const check = healthcheck && (isCheck(healthcheck) ? checkOf(healthcheck) : { test: ['NONE'] });
  return defined({ entrypoint: entrypoint ?? undefined, command: command ?? undefined, ...keysOf(service, networks, project, xOs, check) });
}

function keysOf(service: Service, networks: Networks, project: Project, xOs: ServiceXOs, healthcheck: object | undefined): Record<string, unknown> {
  const { user, group_add, working_dir, hostname, read_only, cap_add, cap_drop, security_opt, userns_mode, labels, annotations } = service;
  return {
    user,
    group_add: group_add?.map(String),
    working_dir,
    hostname,
    healthcheck,
    ...lifeOf(service, project),
    ...networksOf(service, networks),
    ...mountsOf(service, project),
    read_only,
    'x-writable-layer': xOs.writableLayer,
    ...resourcesOf(service),
    cap_add,
    cap_drop,
    security_opt,
    userns_mode,
    labels,
    annotations,
  };
}
