import { CAPABILITIES } from '@container-os/compose-file/linux';
import type { Defaults } from './defaults.ts';
import type { Definition } from './definition.schema.d.ts';
import type { Fault } from './schema-fault.ts';
import { resolveSeccomp, type DockerProfile, type OciSeccomp } from './seccomp.ts';
import type { Mount } from './storage.ts';
import { networkOwner } from './network.ts';
import { hasOwnIds } from './values.ts';

/** With CAP_, sorted. */
export function capabilitiesOf({ privileged, cap_add = [], cap_drop = [] }: Definition, { capabilities }: Defaults): string[] {
  const all = [...CAPABILITIES];
  const dropped = cap_drop.includes('ALL') ? all : cap_drop;
  const added = cap_add.includes('ALL') ? all : cap_add;
  const given = privileged ? all : capabilities;
  // What is said by name counts more than ALL: cap_add: [ALL], cap_drop: [SYS_ADMIN], and the reverse.
  const kept = [...given.filter((one) => !dropped.includes(one)), ...(added === all ? all.filter((one) => !cap_drop.includes(one)) : added)];
  return [...new Set(kept)].sort().map((one) => `CAP_${one}`);
}

export function noNewPrivileges({ privileged, security_opt: options = [] }: Definition, defaults: Defaults): boolean {
  if (options.includes('no-new-privileges:false')) return false;
  return (defaults.noNewPrivileges && privileged !== true) || options.some((one) => /^no-new-privileges(:true)?$/.test(one));
}

/** Undefined: every system call is allowed. The last word counts, as in Docker. */
export function seccompOf({ privileged, security_opt = [] }: Definition, standard: DockerProfile, capabilities: string[]): OciSeccomp | undefined {
  const said = security_opt
    .filter((one) => one.startsWith('seccomp:'))
    .at(-1)
    ?.slice('seccomp:'.length);
  if (said === 'unconfined' || (said === undefined && privileged)) return undefined;
  return resolveSeccomp(said === undefined ? standard : (JSON.parse(said) as DockerProfile), capabilities);
}

/** The first fault of these keys, and of those about the CPU, that the schema cannot express. */
export function privilegeFault({ security_opt = [], uts, hostname, domainname, cpus, cpu_period, cpu_quota }: Definition): Fault | undefined {
  const together = (key: string, other: string, actual: unknown): Fault => ({ path: `/${key}`, expected: `no such key together with ${other}`, actual });
  if (uts === 'host' && (hostname ?? domainname) !== undefined)
    return together(hostname === undefined ? 'domainname' : 'hostname', '"uts": "host"', hostname ?? domainname);
  if (cpus !== undefined && (cpu_period ?? cpu_quota) !== undefined) return together('cpus', '"cpu_period" or "cpu_quota"', cpus);
  const wrong = security_opt.findIndex((one) => one.startsWith('seccomp:{') && !isProfile(one.slice('seccomp:'.length)));
  if (wrong < 0) return undefined;
  return {
    path: `/security_opt/${wrong}`,
    expected: 'a seccomp profile: {"defaultAction": …, "syscalls": [{"names": […], "action": …}]}',
    actual: security_opt[wrong],
  };
}

function isProfile(text: string): boolean {
  try {
    const { defaultAction, syscalls = [] } = JSON.parse(text) as Partial<DockerProfile>;
    return typeof defaultAction === 'string' && Array.isArray(syscalls) && syscalls.every(({ names, action }) => Array.isArray(names) && Boolean(action));
  } catch {
    return false;
  }
}

/** The kinds of namespaces that the container has for itself. */
export function namespacesOf(definition: Definition): { type: string; path?: string }[] {
  const owner = networkOwner(definition);
  const { network_mode, pid, ipc, uts, cgroup } = definition;
  const shared: Record<string, boolean> = {
    pid: pid === 'host',
    ipc: ipc === 'host',
    uts: uts === 'host',
    cgroup: cgroup === 'host',
    network: network_mode === 'host',
    user: !hasOwnIds(definition),
  };
  return ['pid', 'mount', 'ipc', 'uts', 'cgroup', 'network', 'user'].flatMap((type) =>
    shared[type] ? [] : [{ type, ...(type === 'network' && owner !== undefined ? { path: `/run/netns/${owner}` } : {}) }],
  );
}

/** Where the OS copies the devices of a container to before it starts, numbered: a copy has the mode that the definition asks for. */
const DEVICES = '/run/container-os/devices';

/** For the supervisor: `/dev/ttyS0:666`. In the container, the owner is nobody. */
export function deviceModes({ devices = [] }: Definition): string[] {
  return devices.map(({ source, permissions = 'rwm' }) => {
    const digit = (permissions.includes('r') ? 4 : 0) + (permissions.includes('w') ? 2 : 0);
    return `${source}:${String(digit).repeat(3)}`;
  });
}

export function deviceMounts(name: string, { devices = [] }: Definition): Mount[] {
  return devices.map(({ source, target = source }, index) => ({
    destination: target,
    type: 'bind',
    source: `${DEVICES}/${name}/${index}`,
    options: ['bind', 'nosuid', 'noexec'],
  }));
}

/** Rules of the device control group, in order. What `devices` names has numbers that only the machine knows, and no container can make others. */
export function deviceRules({ privileged, devices = [], device_cgroup_rules = [] }: Definition): object[] {
  if (privileged || devices.length > 0) return [{ allow: true, access: 'rwm' }];
  const rules = device_cgroup_rules.map((rule) => {
    const [type, numbers = '', access] = rule.split(' ');
    const [major, minor] = numbers.split(':').map((one) => (one === '*' ? undefined : Number(one)));
    return { allow: true, type, ...(major === undefined ? {} : { major }), ...(minor === undefined ? {} : { minor }), access };
  });
  return [{ allow: false, access: 'rwm' }, ...rules];
}

/** Paths that are hidden, and those that cannot be written to. */
export function systemPaths({ privileged, security_opt = [] }: Definition): { maskedPaths: string[]; readonlyPaths: string[] } {
  const open = privileged || security_opt.includes('systempaths:unconfined');
  return { maskedPaths: open ? [] : [...MASKED], readonlyPaths: open ? [] : [...READ_ONLY] };
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
