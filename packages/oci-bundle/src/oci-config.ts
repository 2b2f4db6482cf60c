import { defaultsOf, type Defaults } from './defaults.ts';
import type { Definition } from './definition.schema.d.ts';
import { firstId, ID_COUNT } from './id-range.ts';
import { fileMounts } from './mounted-files.ts';
import { capabilitiesOf, deviceMounts, namespacesOf, noNewPrivileges, seccompOf, systemPaths } from './privileges.ts';
import { resourcesOf, rlimitsOf } from './resources.ts';
import type { DockerProfile, OciSeccomp } from './seccomp.ts';
import { hostnameOf } from './name.ts';
import { networkOwner, ownsNetwork } from './network.ts';
import { kernelBinds, volumeMounts, type Mount } from './storage.ts';
import { bytes, hasOwnIds, userOf } from './values.ts';

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
    tmpfs = [],
    read_only = defaults.readOnly,
    uts,
    domainname,
    oom_score_adj: oomScoreAdj,
  } = definition;
  const capabilities = capabilitiesOf(definition, defaults);
  const sysctl = { ...(ownsNetwork(definition) ? SYSCTLS : {}), ...definition.sysctls };
  const seccomp = seccompOf(definition, profile, capabilities);
  const ids = [{ containerID: 0, hostID: definition['x-first-id'] ?? firstId(name), size: ID_COUNT }];
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
      noNewPrivileges: noNewPrivileges(definition, defaults),
      ...(oomScoreAdj === undefined ? {} : { oomScoreAdj }),
    },
    root: { path: 'rootfs', readonly: read_only },
    ...(uts === 'host' ? {} : { hostname, ...(domainname === undefined ? {} : { domainname }) }),
    mounts: [
      ...withKernelOfOs(mounts(definition, defaults), definition),
      ...parentsFirst([
        ...names(name, networkOwner(definition), defaults),
        ...(init ? [initMount()] : []),
        ...tmpfs.map(tmpfsMount),
        ...deviceMounts(name, definition),
        ...volumeMounts(name, definition),
        ...fileMounts(name, definition),
      ]),
    ],
    linux: {
      cgroupsPath: `/containers/${name}`,
      namespaces: namespacesOf(definition),
      ...(hasOwnIds(definition) ? { uidMappings: ids, gidMappings: ids } : {}),
      ...(Object.keys(sysctl).length > 0 ? { sysctl } : {}),
      resources: resourcesOf(definition, defaults),
      ...(seccomp ? { seccomp } : {}),
      ...systemPaths(definition),
    },
  };
}

function mounts(definition: Definition, { devSize, shmSize, temporary }: Defaults): Mount[] {
  const { privileged, pid, ipc, cgroup, shm_size } = definition;
  const access = privileged ? 'rw' : 'ro';
  const plain = ['nosuid', 'nodev', 'noexec'];
  return [
    pid === 'host' ? ofOs('/proc', ...plain) : { destination: '/proc', type: 'proc', source: 'proc', options: plain },
    privileged
      ? // Without what is mounted below. The nodes are those of the OS: one that is plugged in later is there too.
        { destination: '/dev', type: 'bind', source: '/dev', options: ['bind', 'nosuid', 'noexec'] }
      : { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'strictatime', 'mode=755', `size=${devSize}`] },
    { destination: '/dev/pts', type: 'devpts', source: 'devpts', options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'] },
    ...(ipc === 'none' ? [] : [ipc === 'host' ? ofOs('/dev/shm', ...plain) : shm(shm_size ? bytes(shm_size) : shmSize)]),
    ipc === 'host' ? ofOs('/dev/mqueue', ...plain) : { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: plain },
    ownsNetwork(definition) ? { destination: '/sys', type: 'sysfs', source: 'sysfs', options: [...plain, access] } : ofOs('/sys', ...plain, access),
    cgroup === 'host'
      ? ofOs('/sys/fs/cgroup', ...plain, 'relatime', access)
      : { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: [...plain, 'relatime', access] },
    ...(temporary
      ? [
          { destination: '/run', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'nodev', 'noexec', 'mode=755', 'size=16m'] },
          { destination: '/tmp', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'nodev', 'noexec', 'mode=1777', 'size=64m'] },
        ]
      : []),
  ];
}

/** The kernel lets only the owner of a namespace mount a new file system of its kind. */
function ofOs(destination: string, ...options: string[]): Mount {
  return { destination, type: 'none', source: destination, options: ['rbind', ...options] };
}

/** With /proc, /sys and /dev of the OS where `volumes` names them. That /sys has the OS's control groups. */
function withKernelOfOs(mounts: Mount[], definition: Definition): Mount[] {
  const binds = kernelBinds(definition);
  return mounts.flatMap((mount) => {
    const { destination } = mount;
    const bind = binds.get(destination);
    if (bind) return [ofOs(destination, 'nosuid', 'noexec', ...(destination === '/dev' ? [] : ['nodev']), ...(bind.read_only ? ['ro'] : []))];
    return destination === '/sys/fs/cgroup' && binds.has('/sys') ? [] : [mount];
  });
}

function shm(size: number | string): Mount {
  return { destination: '/dev/shm', type: 'tmpfs', source: 'shm', options: ['nosuid', 'nodev', 'noexec', 'mode=1777', `size=${size}`] };
}

/**
 * Files of the OS for name resolution: the OS writes the container's name, those of other containers and the uplink's DNS servers into them. Who uses
 * the interfaces of another container has its host names and servers.
 */
function names(name: string, owner: string | undefined, { hostnameFile }: Defaults): Mount[] {
  const options = ['bind', 'ro', 'nosuid', 'nodev', 'noexec'];
  return [
    { destination: '/etc/hosts', type: 'bind', source: `/run/container-os/containers/${owner ?? name}/hosts`, options },
    ...(hostnameFile ? [{ destination: '/etc/hostname', type: 'bind', source: `/run/container-os/containers/${name}/hostname`, options }] : []),
    { destination: '/etc/resolv.conf', type: 'bind', source: `/run/container-os/containers/${owner ?? name}/resolv.conf`, options },
  ];
}

/** In the order given, but a mount below another one after it, so that it is seen. */
function parentsFirst(mounts: Mount[]): Mount[] {
  const depth = ({ destination }: Mount): number => destination.split('/').length;
  return [...mounts].sort((a, b) => depth(a) - depth(b));
}

function initMount(): Mount {
  return { destination: INIT, type: 'bind', source: '/usr/sbin/tini', options: ['bind', 'ro', 'nosuid', 'nodev'] };
}

function tmpfsMount(text: string): Mount {
  const at = text.indexOf(':');
  const [destination, options] = at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
  return { destination, type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'nodev', 'noexec', ...options.split(',').filter((one) => one !== '')] };
}
