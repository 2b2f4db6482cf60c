import type { Definition } from './definition.schema.d.ts';
import { firstId, ID_COUNT } from './id-range.ts';
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

/**
 * Default capabilities: Docker's list without those that few containers need: AUDIT_WRITE, DAC_OVERRIDE, FOWNER,
 * FSETID, MKNOD, NET_RAW, SETFCAP, SETPCAP, SYS_CHROOT.
 */
const CAPABILITIES = ['CHOWN', 'KILL', 'NET_BIND_SERVICE', 'SETGID', 'SETUID'];
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** Path of tini in a container with an init; the package tini puts the program into the OS. */
export const INIT = '/run/tini';
/** Kernel parameters of a container's own network namespace, as in Docker: any user may ping and listen on every port. */
const SYSCTLS = { 'net.ipv4.ip_unprivileged_port_start': '0', 'net.ipv4.ping_group_range': `0 ${ID_COUNT - 1}` };
/** Period of the CPU quota in microseconds, as in Docker. */
const CPU_PERIOD = 100_000;

/**
 * The OCI configuration of a container: a namespace of each kind, ids that are unprivileged outside, a read-only root,
 * no new privileges, the system calls of Docker's default `profile`, limits on memory and processes. Unlike the output
 * of `runc spec`, it does not depend on the build host.
 */
export function ociConfig(name: string, definition: Definition, profile: DockerProfile): OciConfig {
  const {
    command,
    environment = {},
    working_dir = '/',
    hostname = name,
    init = false,
    network_mode,
    tmpfs = [],
    read_only = true,
    security_opt = [],
    userns_mode,
  } = definition;
  const capabilities = capabilitiesOf(definition);
  const sysctl = { ...(network_mode === 'host' ? {} : SYSCTLS), ...definition.sysctls };
  const ownIds = userns_mode !== 'host';
  const ids = [{ containerID: 0, hostID: firstId(name), size: ID_COUNT }];
  const namespaces = ['pid', 'mount', 'ipc', 'uts', 'cgroup', ...(network_mode === 'host' ? [] : ['network']), ...(ownIds ? ['user'] : [])];
  return {
    ociVersion: '1.2.1',
    process: {
      terminal: false,
      user: { ...userOf(definition), ...(definition.group_add ? { additionalGids: definition.group_add.map(Number) } : {}) },
      args: init ? [INIT, '--', ...command] : [...command],
      env: Object.entries({ PATH, HOME: '/', ...environment }).map(([key, value]) => `${key}=${value}`),
      cwd: working_dir,
      // Without ambient and inheritable sets, a program of a user other than root starts without capabilities.
      capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities },
      rlimits: rlimitsOf(definition),
      noNewPrivileges: !security_opt.includes('no-new-privileges:false'),
    },
    root: { path: 'rootfs', readonly: read_only },
    hostname,
    mounts: [...mounts(network_mode === 'host'), ...names(name), ...(init ? [initMount()] : []), ...tmpfs.map(tmpfsMount), ...volumeMounts(definition)],
    linux: {
      cgroupsPath: `/containers/${name}`,
      namespaces: namespaces.map((type) => ({ type })),
      ...(ownIds ? { uidMappings: ids, gidMappings: ids } : {}),
      ...(Object.keys(sysctl).length > 0 ? { sysctl } : {}),
      resources: resourcesOf(definition),
      ...(security_opt.includes('seccomp:unconfined') ? {} : { seccomp: resolveSeccomp(profile, capabilities) }),
      maskedPaths: [...MASKED],
      readonlyPaths: [...READ_ONLY],
    },
  };
}

function capabilitiesOf({ cap_add = [], cap_drop = [] }: Definition): string[] {
  const kept = cap_drop.includes('ALL') ? [] : CAPABILITIES.filter((one) => !cap_drop.includes(one));
  return [...new Set([...kept, ...cap_add])].sort().map((one) => `CAP_${one}`);
}

function rlimitsOf({ ulimits = {} }: Definition): { type: string; soft: number; hard: number }[] {
  return Object.entries({ nofile: { soft: 1024, hard: 4096 }, ...ulimits }).map(([type, limits]) => ({ type: `RLIMIT_${type.toUpperCase()}`, ...limits }));
}

function resourcesOf({ mem_limit = '256m', pids_limit = 512, cpus }: Definition): object {
  const memory = bytes(mem_limit);
  return {
    devices: [{ allow: false, access: 'rwm' }],
    // "swap" is the sum of memory and swap: there is no swap.
    memory: { limit: memory, swap: memory },
    pids: { limit: pids_limit },
    ...(cpus === undefined ? {} : { cpu: { period: CPU_PERIOD, quota: Math.round(cpus * CPU_PERIOD) } }),
  };
}

function mounts(hostNetwork: boolean): Mount[] {
  return [
    { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'nodev', 'noexec'] },
    { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'strictatime', 'mode=755', 'size=64k'] },
    { destination: '/dev/pts', type: 'devpts', source: 'devpts', options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'] },
    { destination: '/dev/shm', type: 'tmpfs', source: 'shm', options: ['nosuid', 'nodev', 'noexec', 'mode=1777', 'size=16m'] },
    { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: ['nosuid', 'nodev', 'noexec'] },
    // The kernel lets only the owner of the network namespace mount a new sysfs.
    hostNetwork
      ? { destination: '/sys', type: 'none', source: '/sys', options: ['rbind', 'nosuid', 'nodev', 'noexec', 'ro'] }
      : { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'nodev', 'noexec', 'ro'] },
    { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['nosuid', 'nodev', 'noexec', 'relatime', 'ro'] },
    { destination: '/run', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'nodev', 'noexec', 'mode=755', 'size=16m'] },
    { destination: '/tmp', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'nodev', 'noexec', 'mode=1777', 'size=64m'] },
  ];
}

/** Files of the OS for name resolution: the OS writes the names of other containers and the uplink's DNS servers into them. */
function names(name: string): Mount[] {
  const options = ['bind', 'ro', 'nosuid', 'nodev', 'noexec'];
  return [
    { destination: '/etc/hosts', type: 'bind', source: `/run/container-os/containers/${name}/hosts`, options },
    { destination: '/etc/resolv.conf', type: 'bind', source: '/run/resolv.conf', options },
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
