import { defaultsOf, type Defaults } from './defaults.ts';
import type { Definition } from './definition.schema.d.ts';
import { firstId, ID_COUNT } from './id-range.ts';
import { hostnameOf } from './name.ts';
import { resolveSeccomp, type DockerProfile, type OciSeccomp } from './seccomp.ts';
import { volumeMounts, type Mount } from './storage.ts';
import { bytes, userOf } from './values.ts';

/** The part of an OCI runtime configuration that this package reads. */
export interface OciConfig {
  ociVersion: string;
  process: {
    args: string[];
    env?: string[];
    cwd: string;
    terminal?: boolean;
    user?: { uid?: number; gid?: number; additionalGids?: number[] };
    capabilities?: { bounding?: string[]; effective?: string[]; permitted?: string[]; inheritable?: string[]; ambient?: string[] };
  } & Record<string, unknown>;
  root: { path: string; readonly?: boolean };
  mounts?: Mount[];
  linux?: { uidMappings?: { containerID: number; hostID: number; size: number }[]; seccomp?: OciSeccomp } & Record<string, unknown>;
  [key: string]: unknown;
}

/** Path of tini in a container with an init: in /dev, which is never a directory of the image. The package tini puts the program into the OS. */
export const INIT = '/dev/tini';
/** Kernel parameters of a container's own network namespace, as in Docker: any user may ping and listen on every port. */
const SYSCTLS = { 'net.ipv4.ip_unprivileged_port_start': '0', 'net.ipv4.ping_group_range': `0 ${ID_COUNT - 1}` };
/** Period of the CPU quota in microseconds, as in Docker. */
const CPU_PERIOD = 100_000;

/**
 * The OCI configuration of a container: a namespace of each kind, ids that are unprivileged outside, the system calls of Docker's default
 * `profile`, and what the definition says, else what its "x-profile" has by default. Unlike the output of `runc spec`, it does not depend on the
 * build host.
 */
export function ociConfig(name: string, definition: Definition, profile: DockerProfile): OciConfig {
  const defaults = defaultsOf(definition);
  const {
    command,
    environment = {},
    working_dir = '/',
    hostname = hostnameOf(name),
    init = false,
    tty = false,
    network_mode,
    tmpfs = [],
    read_only = defaults.readOnly,
    security_opt = [],
    userns_mode,
  } = definition;
  const capabilities = capabilitiesOf(definition, defaults);
  const sysctl = { ...(network_mode === 'host' ? {} : SYSCTLS), ...definition.sysctls };
  const ownIds = userns_mode !== 'host';
  const ids = [{ containerID: 0, hostID: definition['x-first-id'] ?? firstId(name), size: ID_COUNT }];
  const namespaces = ['pid', 'mount', 'ipc', 'uts', 'cgroup', ...(network_mode === 'host' ? [] : ['network']), ...(ownIds ? ['user'] : [])];
  return {
    ociVersion: '1.2.1',
    process: {
      terminal: tty,
      user: { ...userOf(definition), ...(definition.group_add ? { additionalGids: definition.group_add.map(Number) } : {}) },
      args: init ? [INIT, '--', ...command] : [...command],
      env: Object.entries({ ...defaults.environment(hostname), ...(tty ? { TERM: 'xterm' } : {}), ...environment }).map(([key, value]) => `${key}=${value}`),
      cwd: working_dir,
      // Without ambient and inheritable sets, a program of a user other than root starts without capabilities.
      capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities },
      rlimits: rlimitsOf(definition, defaults),
      noNewPrivileges: noNewPrivileges(security_opt, defaults),
    },
    root: { path: 'rootfs', readonly: read_only },
    hostname,
    mounts: [
      ...mounts(network_mode === 'host', definition, defaults),
      ...names(name, defaults),
      ...(init ? [initMount()] : []),
      ...tmpfs.map(tmpfsMount),
      ...volumeMounts(name, definition),
    ],
    linux: {
      cgroupsPath: `/containers/${name}`,
      namespaces: namespaces.map((type) => ({ type })),
      ...(ownIds ? { uidMappings: ids, gidMappings: ids } : {}),
      ...(Object.keys(sysctl).length > 0 ? { sysctl } : {}),
      resources: resourcesOf(definition, defaults),
      ...(security_opt.includes('seccomp:unconfined') ? {} : { seccomp: resolveSeccomp(profile, capabilities) }),
      maskedPaths: [...MASKED],
      readonlyPaths: [...READ_ONLY],
    },
  };
}

function capabilitiesOf({ cap_add = [], cap_drop = [] }: Definition, { capabilities }: Defaults): string[] {
  const kept = cap_drop.includes('ALL') ? [] : capabilities.filter((one) => !cap_drop.includes(one));
  return [...new Set([...kept, ...cap_add])].sort().map((one) => `CAP_${one}`);
}

function noNewPrivileges(options: NonNullable<Definition['security_opt']>, defaults: Defaults): boolean {
  return !options.includes('no-new-privileges:false') && (defaults.noNewPrivileges || options.some((one) => /^no-new-privileges(:true)?$/.test(one)));
}

function rlimitsOf({ ulimits = {} }: Definition, { nofile }: Defaults): { type: string; soft: number; hard: number }[] {
  return Object.entries({ nofile, ...ulimits }).map(([type, limits]) => ({ type: `RLIMIT_${type.toUpperCase()}`, ...limits }));
}

function resourcesOf({ mem_limit, pids_limit, cpus }: Definition, { memory, processes }: Defaults): object {
  const text = mem_limit ?? memory;
  const limit = text === undefined ? undefined : bytes(text);
  const pids = pids_limit ?? processes;
  return {
    devices: [{ allow: false, access: 'rwm' }],
    // "swap" is the sum of memory and swap: there is no swap.
    ...(limit === undefined ? {} : { memory: { limit, swap: limit } }),
    ...(pids === undefined ? {} : { pids: { limit: pids } }),
    ...(cpus === undefined ? {} : { cpu: { period: CPU_PERIOD, quota: Math.round(cpus * CPU_PERIOD) } }),
  };
}

function mounts(hostNetwork: boolean, { shm_size }: Definition, { devSize, shmSize, temporary }: Defaults): Mount[] {
  return [
    { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'nodev', 'noexec'] },
    { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'strictatime', 'mode=755', `size=${devSize}`] },
    { destination: '/dev/pts', type: 'devpts', source: 'devpts', options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'] },
    {
      destination: '/dev/shm',
      type: 'tmpfs',
      source: 'shm',
      options: ['nosuid', 'nodev', 'noexec', 'mode=1777', `size=${shm_size ? bytes(shm_size) : shmSize}`],
    },
    { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: ['nosuid', 'nodev', 'noexec'] },
    // The kernel lets only the owner of the network namespace mount a new sysfs.
    hostNetwork
      ? { destination: '/sys', type: 'none', source: '/sys', options: ['rbind', 'nosuid', 'nodev', 'noexec', 'ro'] }
      : { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'nodev', 'noexec', 'ro'] },
    { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['nosuid', 'nodev', 'noexec', 'relatime', 'ro'] },
    ...(temporary
      ? [
          { destination: '/run', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'nodev', 'noexec', 'mode=755', 'size=16m'] },
          { destination: '/tmp', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'nodev', 'noexec', 'mode=1777', 'size=64m'] },
        ]
      : []),
  ];
}

/** Files of the OS for name resolution: the OS writes the container's name, those of other containers and the uplink's DNS servers into them. */
function names(name: string, { hostnameFile }: Defaults): Mount[] {
  const options = ['bind', 'ro', 'nosuid', 'nodev', 'noexec'];
  return [
    { destination: '/etc/hosts', type: 'bind', source: `/run/container-os/containers/${name}/hosts`, options },
    ...(hostnameFile ? [{ destination: '/etc/hostname', type: 'bind', source: `/run/container-os/containers/${name}/hostname`, options }] : []),
    { destination: '/etc/resolv.conf', type: 'bind', source: `/run/container-os/containers/${name}/resolv.conf`, options },
  ];
}

function initMount(): Mount {
  return { destination: INIT, type: 'bind', source: '/usr/sbin/tini', options: ['bind', 'ro', 'nosuid', 'nodev'] };
}

function tmpfsMount(text: string): Mount {
  const at = text.indexOf(':');
  const [destination, options] = at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
  return { destination, type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'nodev', 'noexec', ...options.split(',').filter((one) => one !== '')] };
}

const MASKED = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/proc/timer_list',
  '/sys/firmware',
  '/sys/devices/virtual/powercap',
];
const READ_ONLY = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];
