import type { Definition, ImageService } from '@container-os/oci-bundle/container';
import { signalOf } from '@container-os/oci-bundle/signal';
import type { ServiceXOs } from '../service-x-os.schema.d.ts';

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
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: {
    test?: string[];
    interval?: string;
    timeout?: string;
    retries?: number;
    start_period?: string;
    start_interval?: string;
    disable?: boolean;
  };
  deploy?: { resources?: { limits?: { cpus?: number | string; memory?: string; pids?: number } } };
  init?: boolean;
  stop_signal?: string;
  stop_grace_period?: string;
  network_mode?: string;
  ports?: { target: number; published?: string; protocol?: string; host_ip?: string }[];
  tmpfs?: string[];
  volumes?: { type: string; source?: string; target: string; read_only?: boolean; tmpfs?: { size?: string | number; mode?: number } }[];
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
}

type Networks = readonly (readonly [string, { readonly priority?: number | bigint | undefined } | null | undefined])[];

/** What the OS runs for a service whose root is made of layers. What the file does not say is absent. */
export function containerOf(service: Service, networks: Networks, xOs: ServiceXOs): Omit<Definition, 'rootfs' | 'image'> {
  const { entrypoint, command, healthcheck } = service;
  const words = [...(entrypoint ?? []), ...(command ?? [])];
  return defined({ command: words, ...keysOf(service, networks, xOs, isCheck(healthcheck) ? checkOf(healthcheck) : undefined) }) as unknown as Definition;
}

/** The same of a service with an OCI image, which says the rest. */
export function serviceOf(service: Service, networks: Networks, xOs: ServiceXOs): ImageService {
  const { entrypoint, command, healthcheck } = service;
  const check = healthcheck && (isCheck(healthcheck) ? checkOf(healthcheck) : { test: ['NONE'] });
  return defined({ entrypoint: entrypoint ?? undefined, command: command ?? undefined, ...keysOf(service, networks, xOs, check) });
}

function keysOf(service: Service, networks: Networks, { writableLayer }: ServiceXOs, healthcheck: object | undefined): Record<string, unknown> {
  const { container_name, user, group_add, working_dir, hostname, init, read_only, sysctls, cap_add, cap_drop, stop_signal } = service;
  const { restart, depends_on, stop_grace_period, ulimits, security_opt, userns_mode } = service;
  const { memory, cpus, pids } = service.deploy?.resources?.limits ?? {};
  return {
    container_name,
    user,
    group_add: group_add?.map(String),
    working_dir,
    hostname,
    restart: restart === 'unless-stopped' ? 'always' : restart,
    depends_on: depends_on && Object.fromEntries(Object.entries(depends_on).map(([name, { condition }]) => [name, { condition }])),
    healthcheck,
    init,
    // An unknown one is for the bundle to refuse.
    stop_signal: stop_signal && (signalOf(stop_signal) ?? stop_signal),
    stop_grace_period: seconds(stop_grace_period),
    ...networksOf(service.network_mode, networks),
    ports: service.ports?.map(port),
    ...mountsOf(service),
    read_only,
    'x-writable-layer': writableLayer,
    // Compose refuses limits that differ.
    mem_limit: service.mem_limit ?? memory,
    shm_size: service.shm_size,
    cpus: service.cpus ?? (cpus === undefined ? undefined : Number(cpus)),
    pids_limit: service.pids_limit ?? pids,
    ulimits:
      ulimits && Object.fromEntries(Object.entries(ulimits).map(([name, limit]) => [name, typeof limit === 'number' ? { soft: limit, hard: limit } : limit])),
    sysctls,
    cap_add,
    cap_drop,
    security_opt,
    userns_mode,
  };
}

function defined(keys: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(keys).filter(([, value]) => value !== undefined));
}

function isCheck(check: Service['healthcheck']): check is NonNullable<Service['healthcheck']> {
  return check !== undefined && !check.disable && check.test?.[0] !== 'NONE';
}

function checkOf({ test, interval, timeout, retries, start_period, start_interval }: NonNullable<Service['healthcheck']>): object {
  const times = {
    interval: seconds(interval),
    timeout: seconds(timeout),
    retries,
    start_period: seconds(start_period),
    start_interval: seconds(start_interval),
  };
  return defined({ test, ...times });
}

/** "1m30s" is "90s". */
export function seconds(duration: string | undefined): string | undefined {
  if (duration === undefined) return undefined;
  const units = { h: 3600, m: 60, s: 1 } as const;
  const parts = [...duration.matchAll(/(\d+)([hms])(?!s)/g)];
  const total = parts.reduce((sum, [, count, unit]) => sum + Number(count) * units[unit as keyof typeof units], 0);
  // What is no whole number of seconds is for the schema to refuse.
  return parts.map(([part]) => part).join('') === duration ? `${total}s` : duration;
}

/** Networks in the order in which Compose attaches them: by priority, then by name. The one that every service is in by itself needs no word. */
function networksOf(mode: string | undefined, networks: Networks): object {
  const sorted = [...networks].sort(([a, one], [b, two]) => Number(two?.priority ?? 0) - Number(one?.priority ?? 0) || (a < b ? -1 : 1));
  const names = sorted.map(([name]) => name);
  if (mode !== undefined) return { network_mode: mode };
  return names.length === 0 || (names.length === 1 && names[0] === 'default') ? {} : { networks: names };
}

function port({ target, published, protocol = 'tcp', host_ip }: NonNullable<Service['ports']>[number]): string {
  return `${host_ip === undefined ? '' : `${host_ip}:`}${published ?? target}:${target}${protocol === 'tcp' ? '' : `/${protocol}`}`;
}

function mountsOf({ volumes, tmpfs }: Service): object {
  const memory = [...(tmpfs ?? []), ...(volumes ?? []).flatMap((mount) => (mount.type === 'tmpfs' ? [memoryMount(mount)] : []))];
  const kept = (volumes ?? []).flatMap(({ type, source, target, read_only }) =>
    type === 'tmpfs' ? [] : [`${source ?? ''}:${target}${read_only ? ':ro' : ''}`],
  );
  return { ...(memory.length > 0 ? { tmpfs: memory } : {}), ...(kept.length > 0 ? { volumes: kept } : {}) };
}

/** `/cache:size=64m,mode=0700` */
function memoryMount({ target, tmpfs: { size, mode } = {} }: NonNullable<Service['volumes']>[number]): string {
  const options = [...(size === undefined ? [] : [`size=${size}`]), ...(mode === undefined ? [] : [`mode=${mode.toString(8).padStart(4, '0')}`])];
  return options.length > 0 ? `${target}:${options.join(',')}` : target;
}
