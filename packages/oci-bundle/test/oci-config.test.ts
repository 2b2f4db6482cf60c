import { describe, expect, it } from 'vitest';
import { makeConfig } from '../src/config.ts';
import { parseDefinition, type Definition } from '../src/definition.ts';
import { firstId } from '../src/id-range.ts';
import type { OciConfig } from '../src/oci-config.ts';
import { PROFILE } from './profile.ts';

const make = (keys: Partial<Definition> = {}, name = 'web'): OciConfig =>
  makeConfig(name, { definition: { rootfs: ['busybox'], command: ['httpd', '-f'], ...keys }, patches: [], profile: PROFILE });
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const namespaces = (config: OciConfig): string[] => (config.linux?.['namespaces'] as { type: string }[]).map(({ type }) => type);

/** The rows of the README's table that the configuration has. */
const TABLE: { row: string; of: (config: OciConfig) => unknown; docker: unknown; hardened: unknown }[] = [
  {
    row: 'capabilities',
    of: ({ process }) => process.capabilities?.bounding?.map((one) => one.slice('CAP_'.length)).join(' '),
    docker: 'AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE NET_RAW SETFCAP SETGID SETPCAP SETUID SYS_CHROOT',
    hardened: 'CHOWN KILL NET_BIND_SERVICE SETGID SETUID',
  },
  { row: 'no new privileges', of: ({ process }) => process['noNewPrivileges'], docker: false, hardened: true },
  { row: 'root', of: ({ root }) => root, docker: { path: 'rootfs', readonly: false }, hardened: { path: 'rootfs', readonly: true } },
  {
    row: 'limits',
    of: ({ linux }) => linux?.['resources'],
    docker: { devices: [{ allow: false, access: 'rwm' }] },
    hardened: { devices: [{ allow: false, access: 'rwm' }], memory: { limit: 268_435_456, swap: 268_435_456 }, pids: { limit: 512 } },
  },
  {
    row: 'ulimits',
    of: ({ process }) => process['rlimits'],
    docker: [{ type: 'RLIMIT_NOFILE', soft: 1024, hard: 524_288 }],
    hardened: [{ type: 'RLIMIT_NOFILE', soft: 1024, hard: 4096 }],
  },
  {
    row: 'variables',
    of: ({ process }) => process.env?.filter((one) => !one.startsWith('PATH=')),
    docker: ['HOSTNAME=web'],
    hardened: ['HOME=/'],
  },
  { row: 'PATH', of: ({ process }) => process.env?.[0], docker: `PATH=${PATH}`, hardened: `PATH=${PATH}` },
  {
    row: 'mount points',
    of: ({ mounts = [] }) => mounts.map(({ destination }) => destination).join(' '),
    docker: '/proc /dev /dev/pts /dev/shm /dev/mqueue /sys /sys/fs/cgroup /etc/hosts /etc/hostname /etc/resolv.conf',
    hardened: '/proc /dev /dev/pts /dev/shm /dev/mqueue /sys /sys/fs/cgroup /run /tmp /etc/hosts /etc/resolv.conf',
  },
  {
    row: 'sizes of /dev and /dev/shm',
    of: ({ mounts = [] }) => ['/dev', '/dev/shm'].map((at) => mounts.find(({ destination }) => destination === at)?.options?.at(-1)),
    docker: ['size=65536k', 'size=65536k'],
    hardened: ['size=64k', 'size=16m'],
  },
  { row: 'host name', of: (config) => config['hostname'], docker: 'web', hardened: 'web' },
];

describe.each(TABLE)('by default: $row', ({ of, docker, hardened }) => {
  it.each([
    ['of Docker', {}, docker],
    ['of Docker, named', { 'x-profile': 'docker' }, docker],
    ['hardened', { 'x-profile': 'hardened' }, hardened],
  ] as const)('%s', (_, keys, expected) => {
    expect(of(make(keys))).toEqual(expected);
  });
});

describe.each([{}, { 'x-profile': 'hardened' }] as const)('whatever its profile, %j, a container', (profile) => {
  const config = make(profile);

  it('has namespaces of its own of every kind, and unprivileged ids outside', () => {
    expect(namespaces(config)).toEqual(['pid', 'mount', 'ipc', 'uts', 'cgroup', 'network', 'user']);
    const ids = [{ containerID: 0, hostID: firstId('web'), size: 65536 }];
    expect(config.linux).toMatchObject({ uidMappings: ids, gidMappings: ids });
  });

  it('has filtered system calls, and no devices', () => {
    expect(config.linux?.seccomp?.defaultAction).toBe('SCMP_ACT_ERRNO');
    expect(config.linux?.['resources']).toMatchObject({ devices: [{ allow: false, access: 'rwm' }] });
  });

  it('has masked paths, a read-only /sys, and no file system with set-user-ID programs but its root', () => {
    expect(config.linux).toMatchObject({ maskedPaths: expect.arrayContaining(['/proc/kcore']), readonlyPaths: expect.arrayContaining(['/proc/sys']) });
    expect(config.mounts?.find(({ destination }) => destination === '/sys')?.options).toContain('ro');
    expect(config.mounts?.filter(({ options = [] }) => !options.includes('nosuid'))).toEqual([]);
  });
});

it('lets any user ping and listen on every port, unless it has the networks of the OS', () => {
  const sysctl = { 'net.ipv4.ip_unprivileged_port_start': '0', 'net.ipv4.ping_group_range': '0 65535' };
  expect(make().linux?.['sysctl']).toEqual(sysctl);
  expect(make({ network_mode: 'none' }).linux?.['sysctl']).toEqual(sysctl);
  expect(namespaces(make({ network_mode: 'none' }))).toContain('network');
  expect(make({ network_mode: 'host' }).linux).not.toHaveProperty('sysctl');
});

describe('a key of the definition', () => {
  it.each<[Partial<Definition>, object]>([
    [{ environment: { A: '1', PATH: '/bin' } }, { process: { env: ['PATH=/bin', 'HOSTNAME=web', 'A=1'] } }],
    [
      { environment: { HOME: '/srv', HOSTNAME: 'x' }, hostname: 'shop' },
      { hostname: 'shop', process: { env: [`PATH=${PATH}`, 'HOSTNAME=x', 'HOME=/srv'] } },
    ],
    [{ user: '1000:100' }, { process: { user: { uid: 1000, gid: 100 } } }],
    [{ user: '1000' }, { process: { user: { uid: 1000, gid: 1000 } } }],
    [
      { working_dir: '/srv', hostname: 'shop' },
      { process: { cwd: '/srv' }, hostname: 'shop' },
    ],
    [
      { mem_limit: '2g', pids_limit: 7, cpus: 1.5 },
      { linux: { resources: { memory: { limit: 2 ** 31, swap: 2 ** 31 }, pids: { limit: 7 }, cpu: { period: 100_000, quota: 150_000 } } } },
    ],
    [{ mem_limit: '65536k' }, { linux: { resources: { memory: { limit: 2 ** 26 } } } }],
    [{ mem_limit: '1000000b' }, { linux: { resources: { memory: { limit: 1_000_000 } } } }],
    [
      { ulimits: { core: { soft: 0, hard: 0 } } },
      {
        process: {
          rlimits: [
            { type: 'RLIMIT_NOFILE', soft: 1024, hard: 524_288 },
            { type: 'RLIMIT_CORE', soft: 0, hard: 0 },
          ],
        },
      },
    ],
    [{ sysctls: { 'net.core.somaxconn': '64' } }, { linux: { sysctl: { 'net.core.somaxconn': '64' } } }],
    [{ sysctls: { 'net.ipv4.ping_group_range': '1 0' } }, { linux: { sysctl: { 'net.ipv4.ping_group_range': '1 0' } } }],
    [{ cap_drop: ['ALL'], cap_add: ['SYS_TIME'] }, { process: { capabilities: { bounding: ['CAP_SYS_TIME'] } } }],
    [{ 'x-profile': 'hardened', cap_drop: ['KILL', 'CHOWN', 'SETUID'] }, { process: { capabilities: { bounding: ['CAP_NET_BIND_SERVICE', 'CAP_SETGID'] } } }],
    [{ init: true }, { process: { args: ['/dev/tini', '--', 'httpd', '-f'] } }],
    [{ security_opt: ['no-new-privileges'] }, { process: { noNewPrivileges: true } }],
    [{ security_opt: ['no-new-privileges:true'] }, { process: { noNewPrivileges: true } }],
    [{ 'x-profile': 'hardened', security_opt: ['no-new-privileges:false'] }, { process: { noNewPrivileges: false } }],
    [{ read_only: true }, { root: { readonly: true } }],
    [{ 'x-profile': 'hardened', read_only: false }, { root: { readonly: false } }],
  ])('%j', (keys, expected) => {
    expect(make(keys)).toMatchObject(expected);
  });

  it('shm_size is the size of /dev/shm', () => {
    expect(make({ shm_size: '1g' }).mounts?.find(({ destination }) => destination === '/dev/shm')?.options).toContain('size=1073741824');
  });

  it('init mounts tini where no image has a file', () => {
    expect(make({ init: true }).mounts).toContainEqual(expect.objectContaining({ destination: '/dev/tini', source: '/usr/sbin/tini' }));
  });

  it('tmpfs makes a writable directory, without programs, devices and set-user-ID', () => {
    expect(make({ tmpfs: ['/cache', '/data:size=1m,mode=0700'] }).mounts?.filter(({ destination }) => /cache|data/.test(destination))).toEqual([
      { destination: '/cache', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'nodev', 'noexec'] },
      { destination: '/data', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'nodev', 'noexec', 'size=1m', 'mode=0700'] },
    ]);
  });

  it('that opts out changes nothing else', () => {
    expect(make({ security_opt: ['seccomp:unconfined'] }).linux).not.toHaveProperty('seccomp');
    const asRoot = make({ userns_mode: 'host' });
    expect(namespaces(asRoot)).toEqual(['pid', 'mount', 'ipc', 'uts', 'cgroup', 'network']);
    expect(asRoot.linux).not.toHaveProperty('uidMappings');
    const host = make({ network_mode: 'host' });
    expect(namespaces(host)).toEqual(['pid', 'mount', 'ipc', 'uts', 'cgroup', 'user']);
    expect(host.mounts?.find(({ destination }) => destination === '/sys')?.options).toEqual(['rbind', 'nosuid', 'nodev', 'noexec', 'ro']);
  });

  it('uses the interfaces and host names of another one only if it says so', () => {
    const shared = make({ network_mode: 'container:vpn' });
    expect(shared.linux?.['namespaces']).toContainEqual({ type: 'network', path: '/run/netns/vpn' });
    expect(shared.linux).not.toHaveProperty('sysctl');
    expect(shared.mounts?.find(({ destination }) => destination === '/etc/hosts')?.source).toBe('/run/container-os/containers/vpn/hosts');
    expect(shared.mounts?.find(({ destination }) => destination === '/sys')?.type).toBe('none');
  });
});

describe('the ids of a container', () => {
  it('follow from its name, differ from those of the OS, and fit into 31 bits', () => {
    expect(firstId('web')).toBe(firstId('web'));
    expect(firstId('web')).not.toBe(firstId('wec'));
    for (const name of ['a', 'web', 'x'.repeat(63)]) {
      expect(firstId(name) % 65536).toBe(0);
      expect(firstId(name)).toBeGreaterThanOrEqual(65536);
      expect(firstId(name) + 65536).toBeLessThanOrEqual(2 ** 31);
    }
  });
});

describe('a definition is refused, with the path of the fault,', () => {
  it.each([
    ['{', 'not JSON'],
    ['[]', '/: expected object, got []'],
    ['{"rootfs":["a"]}', '/command: expected a value, got nothing'],
    ['{"rootfs":[],"command":["a"]}', '/rootfs: expected to NOT have fewer than 1 items, got []'],
    ['{"rootfs":["a"],"command":"a b"}', '/command: expected array, got "a b"'],
    ['{"rootfs":["a"],"command":["a"],"comand":1}', '/comand: expected one of the keys $schema, container_name'],
    ['{"rootfs":["a"],"command":["a"],"priviledged":true}', '/priviledged: expected one of the keys'],
    ['{"rootfs":["a"],"command":["a"],"user":"root"}', '/user: expected to match pattern'],
    [
      '{"rootfs":["a"],"command":["a"],"network_mode":"container:vpn","ports":["80:80"]}',
      '/ports: expected no such key together with "network_mode": "container:vpn": publish them for that container, got ["80:80"]',
    ],
    [
      '{"rootfs":["a"],"command":["a"],"network_mode":"none","networks":["cni0"]}',
      '/networks: expected no such key together with "network_mode": "none", got ["cni0"]',
    ],
    ['{"rootfs":["a"],"command":["a"],"ports":["80"]}', '/ports/0: expected to match pattern'],
    ['{"rootfs":["a"],"command":["a"],"ports":["80:80","70000:80"]}', '/ports/1: expected ports from 1 to 65535, got "70000:80"'],
    ['{"rootfs":["a"],"command":["a"],"ports":["10.0.0.256:80:80"]}', '/ports/0: expected an IPv4 address, got "10.0.0.256:80:80"'],
    ['{"rootfs":["a"],"command":["a"],"ports":["80:80","80:81/udp","80:82"]}', '/ports/2: expected a port of the OS that no other entry uses, got "80:82"'],
    ['{"rootfs":["a"],"command":["a"],"mem_limit":"1t"}', '/mem_limit: expected to match pattern'],
    ['{"rootfs":["a"],"command":["a"],"security_opt":["seccomp:off"]}', '/security_opt/0: expected to match pattern'],
  ])('%s', (json, message) => {
    expect(() => parseDefinition('web.json', json)).toThrow(
      expect.objectContaining({ code: 'CONTAINER_DEFINITION_INVALID', message: expect.stringContaining(`web.json: ${message}`) }),
    );
  });
});
