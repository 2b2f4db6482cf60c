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

/** What a service is in a network that it joins. */
export interface Joined {
  aliases?: string[];
  ipv4_address?: string;
  ipv6_address?: string;
  link_local_ips?: string[];
  mac_address?: string;
  interface_name?: string;
  priority?: number;
  gw_priority?: number;
  driver_opts?: Record<string, string | number>;
}

export type Port = NonNullable<Service['ports']>[number];

/** Paths of the workspace that services mount. Absolute, with `/`. */
export interface Workspace {
  root: string;
  /** Of the image. */
  directory: string;
  /** Those that a service writes to, without those that another one has below it. */
  written: readonly string[];
}

/** A secret or config of a project: where its content is, not what that is. */
export interface Source {
  name?: string;
  external?: boolean;
}

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
