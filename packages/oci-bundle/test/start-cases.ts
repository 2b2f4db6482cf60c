// What starts and what does not, as crun 1.21 and runc 1.3.6 were seen to say on Linux 6.12 and 6.18. start-rules.test.ts holds the
// build to it, start.boot.test.ts the kernel and crun of the image.
import { directoryEntry, fileEntry, symlinkEntry, toTree, type Entry } from '@container-os/cpio';
import mergePatch from 'json-merge-patch';
import type { Definition } from '../src/definition.ts';
import { ociConfig, type OciConfig } from '../src/oci-config.ts';
import { elf } from './elf.ts';
import { PROFILE } from './profile.ts';

export interface Case {
  name: string;
  config: OciConfig;
  /** Of the message with which the build refuses it; undefined where it starts. */
  refusal?: string;
}

const program = (path: string, content: string | Uint8Array, mode = 0o755, id = 0): Entry => ({ ...fileEntry(path, content, mode), uid: id, gid: id });

const SCRIPTS: Record<string, string | Uint8Array> = {
  crlf: '#!/bin/sh\r\nexit 0\r\n',
  plain: 'exit 0\n',
  empty: '',
  bom: '\ufeff#!/bin/sh\nexit 0\n',
  spaces: '#! \t/bin/sh \t \nexit 0\n',
  none: '#!/nothing\n',
  unnamed: '#! \nexit 0\n',
  relative: '#!bin/sh\nexit 0\n',
  noend: '#!/bin/true',
  nul: '#!/bin/true\0x',
  to254: `#!${'/'.repeat(245)}bin/true\n`,
  to256: `#!${'/'.repeat(247)}bin/true\n`,
  argument: `#!/bin/true ${'x'.repeat(400)}\n`,
  directory: '#!/bin\n',
  data: '#!/x/data-0644\n',
  script1: '#!/x/elf\n',
  ...Object.fromEntries([2, 3, 4, 5, 6].map((depth) => [`script${depth}`, `#!/x/script${depth - 1}\n`])),
  crlf2: '#!/x/crlf\n',
  elf: elf(),
  fixed: elf({ type: 2 }),
  object: elf({ type: 1 }),
  core: elf({ type: 4 }),
  arm: elf({ machine: 183 }),
  s390: elf({ machine: 22, big: true }),
  i386: elf({ machine: 3, bits: 32 }),
  x32: elf({ bits: 32 }),
  headless: elf({ headers: 0 }),
  cut4: elf().subarray(0, 4),
  cut100: elf().subarray(0, 100),
  loader: elf({ loader: '/x/elf\0' }),
  noloader: elf({ loader: '/lib64/ld-linux-x86-64.so.2\0' }),
  plainloader: elf({ loader: '/x/data-0644\0' }),
  scriptloader: elf({ loader: '/x/spaces\0' }),
  armloader: elf({ loader: '/x/arm\0' }),
  longloader: elf({ loader: '/x/elf' }),
};

/** BusyBox of a container, or what stands in for it, and programs of every kind. */
export function rootfsOf(busybox: readonly Entry[]): Entry[] {
  return toTree([
    ...busybox,
    ...['proc', 'sys', 'dev', 'run', 'tmp', 'etc', 'srv', 'first', 'second'].map((path) => directoryEntry(path)),
    ...['etc/hosts', 'etc/resolv.conf', 'etc/file', 'tmp/program'].map((path) => program(path, '')),
    ...Object.entries(SCRIPTS).map(([name, content]) => program(`x/${name}`, content)),
    program('x/data-0644', elf(), 0o644),
    program('x/root-0700', elf(), 0o700),
    program('x/seven-0700', elf(), 0o700, 7),
    program('x/seven-0070', elf(), 0o070, 7),
    program('x/all-0111', elf(), 0o111),
    { ...directoryEntry('x/private', 0o700), uid: 7, gid: 7 },
    program('x/private/elf', elf()),
    program('srv/elf', elf()),
    symlinkEntry('x/link', 'crlf'),
    symlinkEntry('loop', 'loop'),
    symlinkEntry('dangling', '/nowhere/x'),
    symlinkEntry('later', '/tmp/later'),
    ...['data', 'broken', 'plain', 'directory'].map((name) => program(`second/${name}`, elf())),
    program('first/data', elf(), 0o644),
    program('first/broken', '#!/nothing\n'),
    program('first/plain', 'exit 0\n'),
    directoryEntry('first/directory'),
  ]);
}

const base = (definition: Partial<Definition> = {}): OciConfig =>
  ociConfig('web', { 'x-profile': 'hardened', rootfs: ['busybox'], command: ['/bin/true'], ...definition }, PROFILE);

function runs(command: string | [string, ...string[]], process: object = {}, definition: Partial<Definition> = {}): OciConfig {
  const config = base({ command: typeof command === 'string' ? [command] : command, ...definition });
  return { ...config, process: { ...config.process, ...process } };
}

const patched = (patch: object, config = base()): OciConfig => mergePatch.apply<object>(config, patch) as OciConfig;
const x = (name: string): [string, OciConfig] => [name, runs(`/x/${name}`)];
const mounted = (mount: object, config = base()): OciConfig => ({
  ...config,
  mounts: [...(config.mounts ?? []), { destination: '/srv', type: 'tmpfs', source: 'tmpfs', options: [], ...mount }],
});
const without = (type: string): OciConfig => {
  const config = base();
  return { ...config, linux: { ...config.linux, namespaces: (config.linux?.['namespaces'] as { type: string }[]).filter((one) => one.type !== type) } };
};
const user = (uid: number, gid = uid, ...additionalGids: number[]): object => ({ user: { uid, gid, additionalGids } });
const allowed = (...list: string[]): object => ({ capabilities: { bounding: list, effective: list, permitted: list } });
const resources = (values: object): OciConfig => patched({ linux: { resources: values } });
const rlimit = (type: string, soft: number, hard: number): OciConfig => patched({ process: { rlimits: [{ type, soft, hard }] } });
const BOTH = { env: ['PATH=/first:/second'] };

const STARTS: [string, OciConfig][] = [
  ...['spaces', 'noend', 'nul', 'to254', 'argument', 'relative', 'script1', 'script5', 'elf', 'fixed', 'loader', 'root-0700', 'all-0111'].map(x),
  ['a relative interpreter, from the working directory', runs('/x/relative', { cwd: '/' })],
  ['a program by its group', runs('/x/seven-0070', user(1000, 1, 7))],
  ['a program by a capability', runs('/x/seven-0700', { ...user(1000), ...allowed('CAP_DAC_OVERRIDE') })],
  ['a directory by a capability', runs('/x/private/elf', allowed('CAP_DAC_READ_SEARCH'))],
  ['a program further on PATH, behind one that is not executable', runs('data', BOTH)],
  ['a program further on PATH, behind a directory', runs('directory', BOTH)],
  ['the last PATH of two', runs('true', { env: ['PATH=/none', 'PATH=/bin'] })],
  ['an empty directory on PATH', runs('elf', { env: ['PATH=/none:'], cwd: '/x' })],
  ['an init, further on PATH', runs('broken', BOTH, { init: true })],
  ['a directory that the runtime makes', patched({ process: { cwd: '/tmp/a/b' } })],
  ['a symlink into a mount', mounted({ destination: '/later', type: 'bind', source: '/run/resolv.conf', options: ['bind'] })],
  ['a tmpfs with options', mounted({ options: ['rw', 'relatime', 'size=10%', 'nr_inodes=10k', 'mode=1777', 'size=1m,mode=0700'] })],
  ['a mount that is relative to /', mounted({ destination: 'srv' })],
  ['two mounts on one place', mounted({}, mounted({}))],
  ['no hostname', patched({ hostname: '' })],
  ['a hostname of 64 bytes', patched({ hostname: 'x'.repeat(64) })],
  ['the last mapped user', patched({ process: user(65535) })],
  ['the least quota', resources({ cpu: { period: 100_000, quota: 1000 } })],
  ['no quota', resources({ cpu: { quota: -1 } })],
  ['the longest period', resources({ cpu: { period: 1_000_000, quota: 10_000 } })],
  ['no limit of memory', resources({ memory: { limit: -1, swap: -1 } })],
  ['no processes beside the first', resources({ pids: { limit: 0 } })],
  ['the first CPU', resources({ cpu: { cpus: '0-0', mems: '0' } })],
  ['a limit of CPU seconds without end', rlimit('RLIMIT_CPU', 2 ** 53, 2 ** 53)],
  ['the worst OOM score', patched({ process: { oomScoreAdj: 1000 } })],
  ['an argument of 131071 bytes', runs(['/bin/true', 'x'.repeat(131_071)])],
  ...['/proc:/proc', '/:/srv:ro'].map((volume): [string, OciConfig] => [`a path of the OS: ${volume}`, runs('/bin/true', {}, { volumes: [volume] })]),
  ['every control group of the OS', runs(['/bin/sh', '-c', 'test -d /sys/fs/cgroup/containers'], {}, { volumes: ['/sys:/sys:ro'] })],
  ['devices of the OS', runs(['/bin/sh', '-c', 'test -e /dev/ttyS0'], {}, { volumes: ['/dev:/dev'] })],
  ['parameters of its namespaces', patched({ linux: { sysctl: { 'net/core/somaxconn': '64', 'kernel.shmmax': '65536', 'fs.mqueue.msg_max': '20' } } })],
];

const REFUSED: [string, OciConfig, string][] = [
  [...x('crlf'), '/x/crlf has CR LF at the end of its "#!" line, expected LF: its interpreter is "/bin/sh\\r"'],
  [...x('link'), 'has CR LF at the end of its "#!" line'],
  [...x('crlf2'), '/x/crlf2 is a script for /x/crlf: /x/crlf has CR LF'],
  [...x('plain'), '/x/plain begins with "exit 0\\n", expected "#!" and an interpreter, or an ELF header'],
  [...x('empty'), '/x/empty is empty'],
  [...x('bom'), '/x/bom begins with a byte order mark'],
  [...x('none'), '/x/none is a script for /nothing: its rootfs has no /nothing'],
  [...x('unnamed'), '/x/unnamed has no interpreter after its "#!"'],
  [...x('to256'), 'a "#!" line whose interpreter does not end within 256 bytes'],
  [...x('directory'), '/x/directory is a script for /bin: /bin is a directory'],
  [...x('data'), '/x/data is a script for /x/data-0644: /x/data-0644 is not executable (mode 0644)'],
  [...x('script6'), '/x/script1 is a script behind 5 others, expected at most 5 in a row'],
  [...x('object'), '/x/object is an ELF file of type 1'],
  [...x('core'), '/x/core is an ELF file of type 4'],
  [...x('arm'), '/x/arm is an ELF program for 64-bit ARM (e_machine 183), expected x86-64 (62)'],
  [...x('s390'), 'is an ELF program for S/390'],
  [...x('i386'), '/x/i386 is an ELF program for 32-bit x86, expected x86-64: seccomp allows no other'],
  [...x('x32'), '/x/x32 is an ELF program for x32'],
  [...x('headless'), 'an ELF file with 0 program headers'],
  [...x('cut4'), 'is an ELF program that is cut short: it has 4 bytes, expected at least 64'],
  [...x('cut100'), 'is an ELF program that is cut short: it has 100 bytes, expected at least 120'],
  [...x('noloader'), 'is linked to the loader /lib64/ld-linux-x86-64.so.2: its rootfs has no /lib64/ld-linux-x86-64.so.2'],
  [...x('plainloader'), 'is linked to the loader /x/data-0644: /x/data-0644 is not executable'],
  [...x('scriptloader'), 'is linked to the loader /x/spaces, which is no ELF program for x86-64'],
  [...x('armloader'), 'is linked to the loader /x/arm, which is no ELF program for x86-64'],
  [...x('longloader'), "a loader's path of 6 bytes that is no path"],
  [...x('seven-0700'), 'user 0:0 may not execute /x/seven-0700 (owner 7:7, mode 0700)'],
  ['a program of another user', runs('/x/root-0700', user(1000)), 'user 1000:1000 may not execute /x/root-0700 (owner 0:0, mode 0700)'],
  ['a program whose owner may do less than its group', runs('/x/seven-0070', user(7)), 'user 7:7 may not execute /x/seven-0070'],
  ['a directory of another user', runs('/x/private/elf'), 'user 0:0 may not search /x/private (owner 7:7, mode 0700)'],
  ['a relative interpreter elsewhere', runs('/x/relative', { cwd: '/srv' }), 'is a script for bin/sh: its rootfs has no /srv/bin/sh'],
  ['a broken program first on PATH', runs('broken', BOTH), 'runs "broken": /first/broken is a script for /nothing'],
  ['a program without "#!" first on PATH', runs('plain', BOTH), 'runs "plain": /first/plain begins with'],
  ['a program without "#!" first on PATH, by an init', runs('plain', BOTH, { init: true }), 'runs "plain": /first/plain begins with'],
  ['a program with CR LF, by an init', runs('/x/crlf', {}, { init: true }), '/x/crlf has CR LF'],
  ['the first PATH of two', runs('true', { env: ['PATH=/bin', 'PATH=/none'] }), 'its rootfs has no /none/true'],
  ['a program below a tmpfs', runs('/tmp/program'), '/tmp/program is hidden by the tmpfs on /tmp'],
  ['a program below a mask', patched({ linux: { maskedPaths: ['/srv'] } }, runs('/srv/elf')), '/srv/elf is hidden by the maskedPaths on /srv'],
  ['no working directory', patched({ process: { cwd: '/nowhere' } }), '/process/cwd: expected a directory of its rootfs, which is read-only'],
  ['a file as working directory', patched({ process: { cwd: '/bin/busybox' } }), '/process/cwd: expected a directory, got "/bin/busybox, a file"'],
  ['a loop as working directory', patched({ process: { cwd: '/loop' } }), '/process/cwd: expected a directory'],
  ['soft above hard', rlimit('RLIMIT_CORE', 10, 5), '/process/rlimits/0/soft: expected at most "hard" (5), got 10'],
  ['a limit that does not exist', rlimit('RLIMIT_FOO', 1, 1), '/process/rlimits/0/type: expected one of AS, CORE'],
  ['more files than there can be', rlimit('RLIMIT_NOFILE', 1024, 1_048_577), '/process/rlimits/0/hard: expected at most 1048576'],
  [
    'more effective than permitted',
    patched({ process: { capabilities: { permitted: [] } } }),
    '/process/capabilities/effective: expected nothing that "permitted" has not',
  ],
  ['more inheritable than bounding', patched({ process: { capabilities: { inheritable: ['CAP_BPF'] } } }), '/process/capabilities/inheritable'],
  ['an OOM score beyond the worst', patched({ process: { oomScoreAdj: 1001 } }), '/process/oomScoreAdj: expected a number from -1000 to 1000, got 1001'],
  ['real time without a priority', patched({ process: { scheduler: { policy: 'SCHED_FIFO', priority: 0 } } }), '/process/scheduler/priority'],
  [
    'a parameter of the whole OS',
    patched({ linux: { sysctl: { 'vm.overcommit_memory': '1' } } }),
    '/linux/sysctl/vm.overcommit_memory: expected a kernel parameter',
  ],
  ['the hostname as a parameter', patched({ linux: { sysctl: { 'kernel.hostname': 'x' } } }), '/linux/sysctl/kernel.hostname: expected "hostname" instead'],
  ['a sysfs with the network of the OS', without('network'), 'expected no sysfs in a "user" namespace without a "network" one'],
  ['a hostname of the OS', without('uts'), '/hostname: expected nothing without a "uts" namespace'],
  ['mounts of the OS', without('mount'), '/linux/namespaces: expected a "mount" namespace'],
  ['processes of the OS in /proc', without('pid'), '/mounts/0/type: expected no proc in a "user" namespace without a "pid" one'],
  ['no mapped ids', patched({ linux: { gidMappings: null } }), '/linux/gidMappings: expected a mapping of id 0'],
  ['an id that is not mapped', patched({ process: user(65_536) }), '/process/user/uid: expected an id that "uidMappings" maps, got 65536'],
  ['a hostname of 65 bytes', patched({ hostname: 'x'.repeat(65) }), '/hostname: expected at most 64 bytes'],
  ['a misspelt option', mounted({ options: ['nosuidd'] }), 'options/0: expected an option of mount(8) that a tmpfs has, got "nosuidd"'],
  ['an odd size', mounted({ options: ['size=foo'] }), 'got "size=foo"'],
  ['a mount on /', mounted({ destination: '/' }), 'destination: expected a path below /, got "/"'],
  ['a tmpfs on a file', mounted({ destination: '/etc/file' }), 'destination: expected a directory of its rootfs, got "/etc/file, a file"'],
  [
    'a file on a directory',
    mounted({ type: 'bind', source: '/run/container-os/containers/web/resolv.conf', options: ['bind'] }),
    'destination: expected a file of its rootfs, got "/srv, a directory"',
  ],
  ['a mount on a symlink to nothing', mounted({ destination: '/dangling' }), 'destination: expected a path of its rootfs, which is read-only'],
  ['no mounts', patched({ mounts: [] }), '/mounts: expected a mount on /dev'],
  ['memory for nobody', resources({ memory: { limit: 65_536, swap: 65_536 } }), '/linux/resources/memory/limit: expected at least 262145 bytes, got 65536'],
  ['less swap and memory than memory', resources({ memory: { limit: 2 ** 26, swap: 2 ** 25 } }), '/linux/resources/memory/swap'],
  ['too small a quota', resources({ cpu: { period: 100_000, quota: 999 } }), '/linux/resources/cpu/quota: expected at least 1000'],
  ['too long a period', resources({ cpu: { period: 1_000_001 } }), '/linux/resources/cpu/period: expected a number from 1000 to 1000000'],
  ['a burst above the quota', resources({ cpu: { period: 100_000, quota: 10_000, burst: 20_000 } }), '/linux/resources/cpu/burst'],
  ['CPUs from 5 to 3', resources({ cpu: { cpus: '5-3' } }), '/linux/resources/cpu/cpus: expected a list of numbers and ranges'],
  ['more processes than there can be', resources({ pids: { limit: 4_194_305 } }), '/linux/resources/pids/limit: expected at most 4194304'],
  ['a file that is none of cgroup v2', resources({ unified: { foo: '1' } }), '/linux/resources/unified/foo'],
  ['an argument of 131072 bytes', runs(['/bin/true', 'x'.repeat(131_072)]), '/process/args/1: expected less than 131072 bytes, got "131072 bytes"'],
  ['a hook by its name', patched({ hooks: { createRuntime: [{ path: 'bin/true' }] } }), '/hooks/createRuntime/0/path: expected an absolute path'],
  [
    'a device by its name',
    patched({ linux: { devices: [{ path: 'dev/foo', type: 'c', major: 1, minor: 3 }] } }),
    '/linux/devices/0/path: expected an absolute path',
  ],
];

export const CASES: Case[] = [...STARTS.map(([name, config]) => ({ name, config })), ...REFUSED.map(([name, config, refusal]) => ({ name, config, refusal }))];
