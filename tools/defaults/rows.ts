import type { Definition } from '@container-os/oci-bundle/container';
import { composeNetworks } from '@container-os/system/networks';
import { environment, limits, list, type Made, type Make, mib, mountAt, NAME, optionsOf, resources, sizeOf, variable, when } from './made.ts';

/** What a row says of a profile is made of what the code makes; where it says more than a value, it fails as soon as the value is another one. */
export interface Row {
  name: string;
  docker: string;
  ours: (make: Make) => string;
}

/** What all containers together leave the OS. */
export interface Left {
  memory: string;
  threads: string;
}

export function rowsOf(left: Left): Row[] {
  return [
    {
      name: 'root file system',
      docker: 'writable, on disk',
      ours: (make) =>
        make().config.root.readonly ? `read-only; with \`read_only: false\` ${layerOf(make({ read_only: false, mem_limit: '64m' }))}` : layerOf(make()),
    },
    {
      name: 'what was written to the root',
      docker: 'until the container is deleted, which a new image or another configuration does',
      ours: (make) =>
        variable(make({ read_only: false }), 'layer') === 'auto'
          ? 'until the container is deleted or the root of its image changes; in memory at most until the OS restarts'
          : when(layerOf(make({ read_only: false, mem_limit: '64m' })).startsWith('in memory'), 'until the container ends'),
    },
    {
      name: 'capabilities',
      docker: `${DOCKER_CAPABILITIES}; none for a program that does not start as root`,
      ours: (make) => {
        const { bounding = [], ambient, inheritable } = make().config.process.capabilities ?? {};
        const none = when(ambient === undefined && inheritable === undefined, 'none for a program that does not start as root');
        return `${bounding.map((one) => one.replace('CAP_', '')).join(', ')}; ${none}`;
      },
    },
    {
      name: 'set-user-ID programs',
      docker: 'gain privileges',
      ours: (make) => (make().config.process['noNewPrivileges'] ? 'gain none (`no-new-privileges`)' : 'gain privileges'),
    },
    {
      name: 'namespaces of its own',
      docker: 'pid, mount, ipc, uts, cgroup, network',
      ours: (make) => (make().config.linux?.['namespaces'] as { type: string }[]).map(({ type }) => type).join(', '),
    },
    {
      name: 'user and group',
      docker: 'those of the image, else `0:0`',
      ours: (make) => {
        const { uid, gid } = make().config.process.user ?? {};
        return `those of the image, else \`${uid}:${gid}\``;
      },
    },
    {
      name: 'memory',
      docker: 'no limit; as much swap as the host has',
      ours: (make) => {
        const { limit, swap } = resources(make()).memory ?? {};
        if (limit === undefined) return `no limit, but all containers together leave the OS ${left.memory}; the OS has no swap`;
        return `${mib(limit)}, ${when(swap === limit, 'no swap')}`;
      },
    },
    {
      name: 'processes',
      docker: 'no limit',
      ours: (make) => {
        const { pids } = resources(make());
        return pids ? String(pids.limit) : `no limit, but all containers together leave the OS ${left.threads}`;
      },
    },
    {
      name: 'processors',
      docker: 'no limit; equal shares for containers that compete',
      ours: (make) => when(resources(make()).cpu === undefined, 'no limit; equal shares for containers that compete'),
    },
    {
      name: 'open files',
      docker: '1024, at most 524288',
      ours: (make) => {
        const { soft, hard } = limits(make()).find(({ type }) => type === 'RLIMIT_NOFILE') ?? {};
        return `${soft}, at most ${hard}`;
      },
    },
    {
      name: 'other ulimits',
      docker: 'those of the daemon',
      ours: (make) => when(limits(make()).length === 1, 'those of the kernel'),
    },
    {
      name: '`/tmp`, `/run`',
      docker: 'directories of the root',
      ours: (make) => {
        const [tmp, run] = ['/tmp', '/run'].map((at) => mountAt(make(), at)?.options);
        if (!tmp || !run) return when(!tmp && !run, 'directories of the root');
        return `in memory, ${sizeOf(tmp)} and ${sizeOf(run)}, ${when(tmp.includes('noexec') && run.includes('noexec'), 'without programs')}`;
      },
    },
    { name: '`/dev/shm`', docker: '64 MiB', ours: (make) => sizeOf(mountAt(make(), '/dev/shm')?.options ?? []) },
    {
      name: 'hidden in `/proc` and `/sys`',
      docker: `${list(DOCKER_MASKED)}; read-only: ${list(DOCKER_READ_ONLY)}`,
      ours: (make) => {
        const { maskedPaths = [], readonlyPaths = [] } = make().config.linux as { maskedPaths?: string[]; readonlyPaths?: string[] };
        const gone = DOCKER_MASKED.filter((path) => !maskedPaths.includes(path));
        const same = when(maskedPaths.every((path) => DOCKER_MASKED.includes(path)) && readonlyPaths.join() === DOCKER_READ_ONLY.join(), 'the same paths');
        return gone.length === 0 ? same : `${same} but ${list(gone)}, ${when(gone.join() === '/proc/timer_stats', 'which Linux no longer has')}`;
      },
    },
    { name: 'mount options of a volume', docker: '`rbind`, `rprivate`', ours: (make) => optionsOf(make, 'data:/x') },
    { name: 'mount options of a path', docker: '`rbind`, `rprivate`', ours: (make) => optionsOf(make, '/srv/data:/x') },
    { name: 'mount options of a path of the OS', docker: '`rbind`, `rprivate`', ours: (make) => optionsOf(make, '/etc/os-release:/x') },
    {
      name: 'mount options of `tmpfs`',
      docker: '`nosuid`, `nodev`, `noexec`',
      ours: (make) => list(mountAt(make({ tmpfs: ['/x'] }), '/x')?.options ?? []),
    },
    {
      name: 'an empty volume',
      docker: 'gets content, owner and mode of its place in the image when a container is made',
      ours: (make) => {
        const prepared = (more: Partial<Definition>): string =>
          /^prepare_volumes.*$/m.exec(make({ volumes: ['data:/x'], user: '7:8', ...more }).service)?.[0] ?? '';
        const [ofImage, ofLayers] = [prepared({ image: { name: 'i', digest: 'sha256:0' } }), prepared({})];
        when(/ '?copy'? /.test(ofImage) && !ofImage.includes('7:8'), 'an image says who owns a volume');
        const owner = when(ofLayers.includes('7:8'), "In a root of layers, a place that nobody has given an owner is the user's");
        return `gets content, owner and mode of its place in the image whenever a container starts. ${owner}`;
      },
    },
    {
      name: 'volumes without a name',
      docker: 'as long as the container; Compose takes them over to the next',
      ours: (make) =>
        when(make({ volumes: [{ type: 'volume', target: '/x' }] }).service.includes(`anonymous/${NAME}/`), 'until `cosctl delete`, also with another image'),
    },
    {
      name: '`HOME`',
      docker: 'by `/etc/passwd` of the root, else `/`',
      // The runtime sets what is not set.
      ours: (make) => environment(make()).get('HOME')?.replace(/^.*$/, '`$&`') ?? 'by `/etc/passwd` of the root, else `/`',
    },
    {
      name: '`HOSTNAME`',
      docker: 'the host name',
      ours: (make) => {
        const { config } = make({ hostname: 'other' });
        const value = environment({ config, service: '' }).get('HOSTNAME');
        return value === undefined ? 'not set' : when(value === config['hostname'], 'the host name');
      },
    },
    {
      name: '`PATH`',
      docker: '`/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`',
      ours: (make) => `\`${environment(make()).get('PATH')}\``,
    },
    {
      name: '`TERM`',
      docker: 'with `tty` `xterm`, else not set',
      ours: (make) => `with \`tty\` \`${environment(make({ tty: true })).get('TERM')}\`, ${when(!environment(make()).has('TERM'), 'else not set')}`,
    },
    {
      name: 'host name',
      docker: "the first 12 digits of the container's id",
      ours: (make) => when(make().config['hostname'] === NAME, "the container's name"),
    },
    {
      name: '`/etc/hosts`, `/etc/hostname`, `/etc/resolv.conf`',
      docker: 'written by the engine; root may change them',
      ours: (make) => {
        const files = ['/etc/hosts', '/etc/hostname', '/etc/resolv.conf'].map((path) => ({ path, mount: mountAt(make(), path) }));
        when(
          files.every(({ mount }) => !mount || mount.options?.includes('ro')),
          'all are read-only',
        );
        const left = files.flatMap(({ path, mount }) => (mount ? [] : [path]));
        return `written by the OS, read-only${left.length > 0 ? `, without ${list(left)}` : ''}`;
      },
    },
    {
      name: 'kernel parameters',
      docker: '`net.ipv4.ip_unprivileged_port_start=0`, `net.ipv4.ping_group_range=0 2147483647`: any user listens on every port and pings',
      ours: (make) => {
        const values = Object.entries((make().config.linux?.['sysctl'] ?? {}) as Record<string, string>).sort(([a], [b]) => (a < b ? -1 : 1));
        return `${list(values.map((pair) => pair.join('=')))}: any user listens on every port and pings`;
      },
    },
    {
      name: 'networks',
      docker: 'one of the project, `172.16.0.0/12` and `192.168.0.0/16` in parts; `network_mode: bridge` is one besides',
      ours: (make) =>
        [
          `${when(variable(make(), 'networks') === 'default', 'one of the project')}, ${list(SUBNETS.filter((one) => one.includes('.')))} and so on,`,
          `in the same order in each build; with \`enable_ipv6\` ${list(SUBNETS.filter((one) => one.includes(':')))} and so on;`,
          '`network_mode: bridge` is one besides',
        ].join(' '),
    },
    {
      name: 'default route, published ports',
      docker: 'the network with the highest `gw_priority`, else the first by name, of those that are not `internal`',
      ours: (make) =>
        when(
          variable(make({ networks: { a: {}, b: { gw_priority: 1 } } }), 'join_order') === 'b a' &&
            variable(make({ networks: { b: {}, a: {} } }), 'networks') === 'a b',
          'the network with the highest `gw_priority`, else the first by name, of those that are not `internal`',
        ),
    },
    {
      name: 'names on a network',
      docker: 'container, service, aliases, and the first digits of the id',
      ours: (make) => when(variable(make({ networks: { a: { aliases: ['s'] } } }), 'names') === `a:${NAME} a:s`, 'container, service, aliases'),
    },
    {
      name: '`restart`',
      docker: '`no`: what has ended stays ended',
      ours: (make) => {
        const policy = variable(make(), 'restart');
        return policy === 'no' ? '`no`: what has ended stays ended' : `\`${policy}\``;
      },
    },
    {
      name: 'stop',
      docker: 'SIGTERM, 10 s later SIGKILL',
      ours: (make) => `SIG${variable(make(), 'stop_signal')}, ${Number(variable(make(), 'grace_ms')) / 1000} s later SIGKILL`,
    },
    {
      name: 'health check',
      docker: 'every 30 s, 30 s each, 3 failures in a row; every 5 s in the start period, which has 0 s',
      ours: (make) => {
        const of = (key: string): string => variable(make({ healthcheck: { test: ['CMD', 'true'] } }), `health_${key}`);
        const period = Number(of('start_period_ms')) / 1000;
        const often = `every ${of('interval')} s, ${of('timeout')} s each, ${of('retries')} failures in a row`;
        return `${often}; every ${of('start_interval')} s in the start period, which has ${period} s`;
      },
    },
    {
      name: 'first process',
      docker: 'the program itself, without `init`',
      ours: (make) => when(make().config.process.args.join() === '/bin/true', 'the program itself, without `init`'),
    },
    {
      name: 'standard input',
      docker: '`/dev/null`; open with `stdin_open`; a terminal with `tty`',
      ours: (make) =>
        when(
          !/^stdin_open|^tty/m.test(make().service) &&
            make({ stdin_open: true }).service.includes('stdin_open=yes') &&
            make({ tty: true }).config.process.terminal === true,
          '`/dev/null`; open with `stdin_open`; a terminal with `tty`',
        ),
    },
    {
      name: 'system calls',
      docker: "Docker's default profile",
      ours: (make) => {
        const { architectures } = (make().config.linux?.seccomp ?? {}) as { architectures?: string[] };
        const other = when(architectures?.join() === 'SCMP_ARCH_X86_64', 'none of 32-bit x86');
        return `Docker's default profile, resolved for the container's capabilities; ${other}`;
      },
    },
  ];
}

const DOCKER_CAPABILITIES =
  'AUDIT_WRITE, CHOWN, DAC_OVERRIDE, FOWNER, FSETID, KILL, MKNOD, NET_BIND_SERVICE, NET_RAW, SETFCAP, SETGID, SETPCAP, SETUID, SYS_CHROOT';
const DOCKER_MASKED = [
  ...['acpi', 'asound', 'interrupts', 'kcore', 'keys', 'latency_stats', 'sched_debug', 'scsi', 'timer_list', 'timer_stats'].map((name) => `/proc/${name}`),
  '/sys/firmware',
  '/sys/devices/virtual/powercap',
];
const DOCKER_READ_ONLY = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];
const LISTS = composeNetworks({ default: null, other: { enable_ipv6: true }, more: null }, {}).lists;
const SUBNETS = [...JSON.stringify(LISTS).matchAll(/"subnet":"([^"]+)"/g)].map(([, subnet = '']) => subnet);

function layerOf(made: Made): string {
  const layer = variable(made, 'layer');
  if (layer === 'auto')
    return "writable, on the data disk; without one in memory, at most a quarter of the machine's for all containers together. `cosctl inspect` says which";
  return when(layer === `memory:${2 ** 25}`, 'in memory, at most half of `mem_limit`');
}
