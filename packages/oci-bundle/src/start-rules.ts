import { CAPABILITIES, RLIMITS, sysctlNamespace } from '@container-os/compose-file/linux';
import type { OciConfig } from './oci-config.ts';
import { RootView, type Root } from './root-view.ts';
import type { Shown } from './rootfs.ts';
import type { Fault } from './schema-fault.ts';
import { isBind, isVolume, type Mount } from './storage.ts';

/** What of the configuration the rules below look at; the schema has seen to the types. */
interface Values {
  hostname?: string;
  domainname?: string;
  process: OciConfig['process'] & {
    capabilities?: Partial<Record<'bounding' | 'effective' | 'permitted' | 'inheritable' | 'ambient', string[]>>;
    rlimits?: { type: string; soft: number; hard: number }[];
    oomScoreAdj?: number;
    scheduler?: { policy: string; priority?: number; runtime?: number; deadline?: number; period?: number };
  };
  hooks?: Record<string, { path: string }[]>;
  mounts?: Mount[];
  linux?: {
    namespaces?: { type: string; path?: string }[];
    uidMappings?: IdMapping[];
    gidMappings?: IdMapping[];
    devices?: { path: string }[];
    sysctl?: Record<string, string>;
    timeOffsets?: object;
    cgroupsPath?: string;
    resources?: {
      memory?: { limit?: number; swap?: number };
      cpu?: { period?: number; quota?: number; burst?: number; idle?: number; cpus?: string; mems?: string };
      pids?: { limit: number };
      unified?: Record<string, string>;
    };
  };
}

interface IdMapping {
  containerID: number;
  hostID: number;
  size: number;
}

type Rule = (config: Values) => Iterable<Fault>;

/** fs.nr_open as Linux has it; this OS leaves it. */
const NOFILE_MAX = 1_048_576;
/** __NEW_UTS_LEN */
const NAME_MAX = 64;
/** MAX_ARG_STRLEN: of one argument or variable, its NUL included. */
const STRING_MAX = 131_072;
/** With less, the kernel kills the runtime itself before the program starts; seen with crun, which needs the least. */
const MEMORY_MIN = 262_145;
/** PID_MAX_LIMIT */
const PIDS_MAX = 4_194_304;
/** File systems that the kernel gives to a user namespace only with a namespace of their own kind. */
const OWN_NAMESPACE: Record<string, string> = { proc: 'pid', sysfs: 'network', mqueue: 'ipc' };

/**
 * The first value of `config` that its schema has nothing against, and that the kernel or each of the OCI runtimes (crun, runc) is sure to
 * refuse when the container starts, or whose misspelling they pass over: a capability that does not exist, a variable without "=".
 */
export function valueFault(config: OciConfig): Fault | undefined {
  for (const rule of RULES) for (const fault of rule(config as unknown as Values)) return fault;
  return undefined;
}

const RULES: Rule[] = [strings, names, capabilities, rlimits, priority, ids, namespaces, sysctls, mounts, resources, paths];

function* strings({ process: { args, env = [] } }: Values): Iterable<Fault> {
  for (const [key, list] of Object.entries({ args, env })) {
    for (const [index, text] of list.entries()) {
      const path = `/process/${key}/${index}`;
      if (text.includes('\0')) yield { path, expected: 'text without NUL', actual: text };
      if (Buffer.byteLength(text) >= STRING_MAX) yield { path, expected: `less than ${STRING_MAX} bytes`, actual: `${Buffer.byteLength(text)} bytes` };
      if (key === 'env' && text.indexOf('=') < 1) yield { path, expected: 'NAME=value', actual: text };
    }
  }
}

function* names({ hostname, domainname, linux }: Values): Iterable<Fault> {
  for (const [key, name] of Object.entries({ hostname, domainname })) {
    if (!name) continue;
    if (Buffer.byteLength(name) > NAME_MAX || name.includes('\0')) yield { path: `/${key}`, expected: `at most ${NAME_MAX} bytes without NUL`, actual: name };
    if (!has(linux, 'uts')) yield { path: `/${key}`, expected: 'nothing without a "uts" namespace', actual: name };
  }
}

function* capabilities({ process: { capabilities: sets = {} } }: Values): Iterable<Fault> {
  for (const [set, list] of Object.entries(sets)) {
    const unknown = list.findIndex((name) => !CAPABILITIES.has(name.toUpperCase().replace(/^CAP_/, '')));
    if (unknown >= 0) yield { path: `/process/capabilities/${set}/${unknown}`, expected: 'a capability of Linux', actual: list[unknown] };
  }
  const { bounding = [], effective = [], permitted = [], inheritable = [] } = sets;
  for (const [set, list, outer, within] of [
    ['effective', effective, 'permitted', permitted],
    ['inheritable', inheritable, 'bounding', bounding],
  ] as const) {
    const beyond = list.find((name) => !within.includes(name));
    if (beyond !== undefined) yield { path: `/process/capabilities/${set}`, expected: `nothing that "${outer}" has not`, actual: beyond };
  }
}

function* rlimits({ process: { rlimits: list = [] } }: Values): Iterable<Fault> {
  for (const [index, { type, soft, hard }] of list.entries()) {
    const path = `/process/rlimits/${index}`;
    const name = type.replace('RLIMIT_', '');
    if (!RLIMITS.has(name)) yield { path: `${path}/type`, expected: `one of ${[...RLIMITS].join(', ')}, RLIMIT_ before it`, actual: type };
    if (soft > hard) yield { path: `${path}/soft`, expected: `at most "hard" (${hard})`, actual: soft };
    if (name === 'NOFILE' && hard > NOFILE_MAX) yield { path: `${path}/hard`, expected: `at most ${NOFILE_MAX} (fs.nr_open)`, actual: hard };
  }
}

function* priority({ process: { oomScoreAdj = 0, scheduler } }: Values): Iterable<Fault> {
  if (Math.abs(oomScoreAdj) > 1000) yield { path: '/process/oomScoreAdj', expected: 'a number from -1000 to 1000', actual: oomScoreAdj };
  if (!scheduler) return;
  const { policy, priority: level = 0, runtime = 0, deadline = 0, period = 0 } = scheduler;
  const realTime = policy === 'SCHED_FIFO' || policy === 'SCHED_RR';
  if (realTime ? level < 1 || level > 99 : level !== 0)
    yield { path: '/process/scheduler/priority', expected: realTime ? 'a number from 1 to 99' : `nothing or 0 beside ${policy}`, actual: level };
  if (policy === 'SCHED_ISO') yield { path: '/process/scheduler/policy', expected: 'a policy that Linux has', actual: policy };
  if (policy === 'SCHED_DEADLINE' && (runtime > deadline || (period > 0 && deadline > period)))
    yield { path: '/process/scheduler/deadline', expected: `at least "runtime" (${runtime}) and at most "period" (${period})`, actual: deadline };
}

function* ids({ process: { user = {} }, linux }: Values): Iterable<Fault> {
  if (!has(linux, 'user') || isJoined(linux, 'user')) return;
  for (const key of ['uidMappings', 'gidMappings'] as const) {
    const mappings = linux?.[key] ?? [];
    const empty = mappings.findIndex(({ size }) => size === 0);
    if (empty >= 0) yield { path: `/linux/${key}/${empty}/size`, expected: 'at least 1', actual: 0 };
    const overlaps = (a: IdMapping, b: IdMapping, from: 'containerID' | 'hostID'): boolean => a[from] < b[from] + b.size && b[from] < a[from] + a.size;
    const twice = mappings.findIndex((one, at) => mappings.slice(0, at).some((other) => overlaps(one, other, 'containerID') || overlaps(one, other, 'hostID')));
    if (twice >= 0) yield { path: `/linux/${key}/${twice}`, expected: 'ids that no other mapping has', actual: mappings[twice] };
    const isMapped = (id: number): boolean => mappings.some(({ containerID, size }) => id >= containerID && id < containerID + size);
    if (!isMapped(0)) yield { path: `/linux/${key}`, expected: 'a mapping of id 0, as there is a "user" namespace', actual: linux?.[key] };
    const used = key === 'uidMappings' ? { uid: user.uid ?? 0 } : { gid: user.gid ?? 0, additionalGids: user.additionalGids ?? [] };
    for (const [name, values] of Object.entries(used)) {
      const beyond = [values].flat().find((id) => !isMapped(id));
      if (beyond !== undefined) yield { path: `/process/user/${name}`, expected: `an id that "${key}" maps`, actual: beyond };
    }
  }
}

function* namespaces({ linux, mounts: list = [] }: Values): Iterable<Fault> {
  const types = (linux?.namespaces ?? []).map(({ type }) => type);
  const twice = types.findIndex((type, at) => types.indexOf(type) < at);
  if (twice >= 0) yield { path: `/linux/namespaces/${twice}/type`, expected: 'a namespace that the list has not yet', actual: types[twice] };
  if (!types.includes('mount')) yield { path: '/linux/namespaces', expected: 'a "mount" namespace', actual: types };
  if (linux?.timeOffsets && !types.includes('time'))
    yield { path: '/linux/timeOffsets', expected: 'nothing without a "time" namespace', actual: linux.timeOffsets };
  if (!types.includes('user')) return;
  for (const [index, { type = '' }] of list.entries()) {
    const needed = OWN_NAMESPACE[type];
    if (needed && !types.includes(needed))
      yield { path: `/mounts/${index}/type`, expected: `no ${type} in a "user" namespace without a "${needed}" one`, actual: type };
  }
}

function* sysctls({ linux }: Values): Iterable<Fault> {
  for (const key of Object.keys(linux?.sysctl ?? {})) {
    const name = key.replaceAll('/', '.');
    const namespace = sysctlNamespace(name);
    const path = `/linux/sysctl/${key.replaceAll('/', '~1')}`;
    if (name === 'kernel.hostname') yield { path, expected: '"hostname" instead of it', actual: key };
    else if (!namespace) yield { path, expected: 'a kernel parameter that a namespace has for itself: net.*, fs.mqueue.* or one of System V IPC', actual: key };
    else if (name === 'kernel.domainname' && has(linux, 'user')) yield { path, expected: '"domainname" instead of it, in a "user" namespace', actual: key };
    else if (!has(linux, namespace)) yield { path, expected: `nothing without a "${namespace}" namespace`, actual: key };
  }
}

function* mounts({ mounts: list = [], linux }: Values): Iterable<Fault> {
  for (const [index, mount] of list.entries()) {
    const { destination, type, options = [] } = mount;
    if (/^[/.]*$/.test(destination)) yield { path: `/mounts/${index}/destination`, expected: 'a path below /', actual: destination };
    if (type === undefined && !isBind(mount)) yield { path: `/mounts/${index}/type`, expected: 'a file system, as "options" have no "bind"', actual: type };
    if (type !== 'tmpfs' || isBind(mount)) continue;
    const unknown = options.findIndex((one) => !isTmpfsOption(one));
    const path = `/mounts/${index}/options`;
    if (unknown >= 0) yield { path: `${path}/${unknown}`, expected: 'an option of mount(8) that a tmpfs has', actual: options[unknown] };
    if (options.includes('noswap') && has(linux, 'user')) yield { path, expected: 'no "noswap" in a "user" namespace', actual: options };
  }
}

/** Those of mount(8) that the runtimes know; some of them have an r before them for a whole tree. */
const FLAGS = new Set(
  (
    'defaults ro rw suid nosuid dev nodev exec noexec sync async dirsync remount mand nomand atime noatime diratime nodiratime relatime norelatime ' +
    'strictatime nostrictatime symfollow nosymfollow iversion noiversion lazytime nolazytime silent loud acl noacl shared slave private unbindable ' +
    'tmpcopyup idmap ridmap copy-symlink'
  ).split(' '),
);
/** tmpfs(5), and what of it has which value. */
const TMPFS_OPTION =
  /^(size=\d+[kmgtpe]?%?|(nr_blocks|nr_inodes|(usr|grp)quota_(block|inode)_hardlimit)=\d+[kmgtpe]?|mode=[0-7]+|[ug]id=\d+|huge=\w+|inode(32|64)|noswap|(usr|grp)?quota|(root|fs|def)?context=.+|idmap=.+|ridmap=.+)$/i;

/** One may stand for several, with commas between them; those in a value of mpol are left alone. */
function isTmpfsOption(options: string): boolean {
  return (
    options.includes('mpol=') || options.split(',').every((one) => one === '' || FLAGS.has(one) || FLAGS.has(one.replace(/^r/, '')) || TMPFS_OPTION.test(one))
  );
}

function* resources({ linux }: Values): Iterable<Fault> {
  const {
    memory: { limit, swap = 0 } = {},
    cpu: { period, quota = 0, burst = 0, idle = 0, cpus = '', mems = '' } = {},
    pids,
    unified = {},
  } = linux?.resources ?? {};
  const at = '/linux/resources';
  if (limit !== undefined && limit >= 0 && limit < MEMORY_MIN) yield { path: `${at}/memory/limit`, expected: `at least ${MEMORY_MIN} bytes`, actual: limit };
  if (swap > 0 && limit === undefined) yield { path: `${at}/memory/swap`, expected: 'a "limit" beside it', actual: swap };
  if (swap > 0 && limit !== undefined && swap < limit)
    yield { path: `${at}/memory/swap`, expected: `at least "limit" (${limit}), as it is the sum of both`, actual: swap };
  if (period && (period < 1000 || period > 1_000_000)) yield { path: `${at}/cpu/period`, expected: 'a number from 1000 to 1000000', actual: period };
  if (quota > 0 && quota < 1000) yield { path: `${at}/cpu/quota`, expected: 'at least 1000, or -1 for no limit', actual: quota };
  if (quota > 0 && burst > quota) yield { path: `${at}/cpu/burst`, expected: `at most "quota" (${quota})`, actual: burst };
  if (idle !== 0 && idle !== 1) yield { path: `${at}/cpu/idle`, expected: '0 or 1', actual: idle };
  for (const [key, list] of Object.entries({ cpus, mems }))
    if (!isList(list)) yield { path: `${at}/cpu/${key}`, expected: 'a list of numbers and ranges, such as 0-2,4', actual: list };
  for (const key of Object.keys(unified))
    if (!/^[^./]+\.[^/]+$/.test(key)) yield { path: `${at}/unified/${key.replaceAll('/', '~1')}`, expected: 'the name of a file of cgroup v2', actual: key };
  if (pids && pids.limit > PIDS_MAX) yield { path: `${at}/pids/limit`, expected: `at most ${PIDS_MAX}`, actual: pids.limit };
}

/** What the kernel reads as a list of CPUs: its `N`, `all` and `a-b:c/d` too. */
function isList(text: string): boolean {
  const ranges = [...text.matchAll(/(\d+)-(\d+)/g)];
  return /^[\d,\-:/\snNal]*$/.test(text) && ranges.every(([, from, to]) => Number(from) <= Number(to));
}

function* paths({ linux, hooks = {} }: Values): Iterable<Fault> {
  if (linux?.cgroupsPath?.split('/').includes('..')) yield { path: '/linux/cgroupsPath', expected: 'a path without ".."', actual: linux.cgroupsPath };
  for (const [index, { path }] of (linux?.devices ?? []).entries())
    if (!path.startsWith('/')) yield { path: `/linux/devices/${index}/path`, expected: 'an absolute path', actual: path };
  for (const [kind, list] of Object.entries(hooks))
    for (const [index, { path }] of list.entries())
      if (!path.startsWith('/')) yield { path: `/hooks/${kind}/${index}/path`, expected: 'an absolute path', actual: path };
}

function has(linux: Values['linux'], type: string): boolean {
  return linux?.namespaces?.some((one) => one.type === type) === true;
}

function isJoined(linux: Values['linux'], type: string): boolean {
  return linux?.namespaces?.some((one) => one.type === type && one.path) === true;
}

/** As {@link valueFault}, of what the configuration says about paths of its `rootfs`: the working directory, and what is mounted on. */
export function rootfsFault(config: OciConfig, entries: Root, shown: Shown = new Map()): Fault | undefined {
  const { process, mounts: list = [], root } = config;
  if (root.readonly && !list.some(({ destination }) => /^\/+dev\/*$/.test(destination)) && !entries.get('dev/null'))
    return { path: '/mounts', expected: 'a mount on /dev, as the root is read-only and has no devices', actual: list.map(({ destination }) => destination) };
  for (const [index, mount] of list.entries()) {
    // What is mounted before can have the place.
    const there = new RootView(entries, { ...config, mounts: list.slice(0, index), linux: {} }).find(mount.destination, { search: false });
    const fault = (expected: string, actual = mount.destination): Fault => ({ path: `/mounts/${index}/destination`, expected, actual });
    if ('mount' in there) continue;
    if ('fault' in there) {
      if (root.readonly) return fault('a path of its rootfs, which is read-only, so that nobody can make it');
      continue;
    }
    const known = shown.get(mount.destination);
    const needed = known === undefined ? isDirectory(mount) : known === 'directory';
    if (needed !== undefined && needed !== (there.entry.type === 'directory'))
      return fault(needed ? 'a directory of its rootfs' : 'a file of its rootfs', `${mount.destination}, a ${there.entry.type}`);
  }
  const found = new RootView(entries, { ...config, linux: {} }).find(process.cwd, { search: false });
  const at = '/process/cwd';
  if ('entry' in found && found.entry.type !== 'directory') return { path: at, expected: 'a directory', actual: `${process.cwd}, a ${found.entry.type}` };
  if ('fault' in found && root.readonly)
    return { path: at, expected: 'a directory of its rootfs, which is read-only, so that nobody can make it', actual: process.cwd };
  return undefined;
}

/** Whether what is mounted is a directory, where that is known. */
function isDirectory(mount: Mount): boolean | undefined {
  const { type = '', source = '' } = mount;
  if (!isBind(mount)) return ['tmpfs', 'proc', 'sysfs', 'devpts', 'mqueue', 'cgroup'].includes(type) || undefined;
  if (isVolume(mount)) return true;
  return /^\/run\/container-os\/containers\/[^/]+\/(hosts|hostname|resolv\.conf)$/.test(source) ? false : undefined;
}
