import { describe, expect, it } from 'vitest';
import { makeConfig } from '../src/config.ts';
import { parseDefinition, type Definition } from '../src/definition.ts';
import { firstId } from '../src/id-range.ts';
import type { OciConfig } from '../src/oci-config.ts';
import { formatConfig } from '../src/resources.ts';
import { serviceFile } from '../src/service.ts';
import { PROFILE } from './profile.ts';

const define = (keys: Partial<Definition>): Definition =>
  parseDefinition('web.json', JSON.stringify({ rootfs: ['busybox'], command: ['httpd', '-f'], ...keys }));
const make = (keys: Partial<Definition>): OciConfig => makeConfig('web', { definition: define(keys), patches: [], profile: PROFILE });
const linux = (keys: Partial<Definition>): Record<string, unknown> => make(keys).linux ?? {};
const mount = (keys: Partial<Definition>, at: string): unknown => make(keys).mounts?.find(({ destination }) => destination === at);
const namespaces = (keys: Partial<Definition>): string => (linux(keys)['namespaces'] as { type: string }[]).map(({ type }) => type).join(' ');

describe('a privileged container', () => {
  const config = make({ privileged: true, 'x-profile': 'hardened' });

  it('is root of the OS, with every capability and system call, and gains privileges', () => {
    expect(config.process.capabilities?.bounding).toHaveLength(41);
    expect(config.process).toMatchObject({ noNewPrivileges: false });
    expect(config.linux).not.toHaveProperty('seccomp');
    expect(config.linux).not.toHaveProperty('uidMappings');
    expect(namespaces({ privileged: true })).toBe('pid mount ipc uts cgroup network');
  });

  it('has the devices of the OS, and may write to /proc and /sys', () => {
    expect(config.linux).toMatchObject({ maskedPaths: [], readonlyPaths: [], resources: { devices: [{ allow: true, access: 'rwm' }] } });
    expect(config.mounts).toContainEqual({ destination: '/dev', type: 'bind', source: '/dev', options: ['bind', 'nosuid', 'noexec'] });
    for (const at of ['/sys', '/sys/fs/cgroup']) expect(config.mounts?.find(({ destination }) => destination === at)?.options).toContain('rw');
  });
});

it.each([
  ['pid', 'mount ipc uts cgroup network user', '/proc'],
  ['ipc', 'pid mount uts cgroup network user', '/dev/shm'],
  ['ipc', 'pid mount uts cgroup network user', '/dev/mqueue'],
  ['cgroup', 'pid mount ipc uts network user', '/sys/fs/cgroup'],
] as const)('%s: host takes the namespace of the OS, and what %s shows', (key, rest, at) => {
  expect(namespaces({ [key]: 'host' })).toBe(rest);
  expect(mount({ [key]: 'host' }, at)).toMatchObject({ source: at, options: expect.arrayContaining(['rbind', 'nosuid', 'nodev', 'noexec']) as string[] });
});

it('with uts: host a container has no name of its own', () => {
  expect(make({ uts: 'host' })).not.toHaveProperty('hostname');
  expect(() => define({ uts: 'host', hostname: 'a' })).toThrow(/\/hostname: expected no such key together with "uts": "host"/);
});

it('ipc: none has no shared memory; a domain name is set', () => {
  expect(mount({ ipc: 'none' }, '/dev/shm')).toBeUndefined();
  expect(make({ domainname: 'example.org' })).toMatchObject({ hostname: 'web', domainname: 'example.org' });
});

it('devices are copies that the supervisor makes, with the mode that is asked for, in a container that keeps its own ids', () => {
  const devices = [{ source: '/dev/ttyS0', target: '/dev/modem', permissions: 'r' }, { source: '/dev/snd' }];
  expect(mount({ devices }, '/dev/modem')).toEqual({
    destination: '/dev/modem',
    type: 'bind',
    source: '/run/container-os/devices/web/0',
    options: ['bind', 'nosuid', 'noexec'],
  });
  expect(mount({ devices }, '/dev/snd')).toMatchObject({ source: '/run/container-os/devices/web/1' });
  expect(linux({ devices })).toMatchObject({ resources: { devices: [{ allow: true, access: 'rwm' }] }, uidMappings: [{ hostID: firstId('web') }] });
  expect(serviceFile('web', define({ devices }), make({ devices }))).toContain("\ndevices='/dev/ttyS0:444 /dev/snd:666'\n");
  expect(() => define({ devices: [{ source: '/etc/passwd' }] })).toThrow(/devices\/0\/source/);
});

it('rules of devices follow the one that forbids all', () => {
  expect(linux({ device_cgroup_rules: ['c 189:* rw', 'a *:* m'] })['resources']).toEqual({
    devices: [
      { allow: false, access: 'rwm' },
      { allow: true, type: 'c', major: 189, access: 'rw' },
      { allow: true, type: 'a', access: 'm' },
    ],
  });
});

it('ALL is every capability; what is named counts more', () => {
  const bounding = (keys: Partial<Definition>): string[] => make(keys).process.capabilities?.bounding ?? [];
  expect(bounding({ cap_add: ['ALL'] })).toHaveLength(41);
  expect(bounding({ cap_add: ['ALL'], cap_drop: ['SYS_ADMIN'] })).not.toContain('CAP_SYS_ADMIN');
  expect(bounding({ cap_drop: ['ALL'], cap_add: ['CHOWN'] })).toEqual(['CAP_CHOWN']);
});

it('a seccomp profile of its own is resolved for its capabilities', () => {
  const own = JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['chmod'], action: 'SCMP_ACT_ERRNO' }] });
  expect(make({ security_opt: [`seccomp:${own}`] }).linux?.seccomp).toMatchObject({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['chmod'] }] });
  expect(() => define({ security_opt: ['seccomp:{"syscalls":[]}'] })).toThrow(/security_opt\/0: expected a seccomp profile/);
});

it('systempaths:unconfined hides nothing', () => {
  expect(linux({ security_opt: ['systempaths:unconfined'] })).toMatchObject({ maskedPaths: [], readonlyPaths: [] });
});

it('limits become those of the control group and of setrlimit(2)', () => {
  const config = make({
    mem_reservation: '16m',
    cpu_period: 50_000,
    cpu_quota: 25_000,
    cpu_shares: 512,
    cpuset: '0-1',
    pids_limit: -1,
    oom_score_adj: 500,
    ulimits: { memlock: { soft: -1, hard: -1 } },
    'x-profile': 'hardened',
  });
  expect(config.linux?.['resources']).toMatchObject({
    memory: { limit: 268_435_456, reservation: 16_777_216 },
    cpu: { period: 50_000, quota: 25_000, shares: 512, cpus: '0-1' },
  });
  expect(config.linux?.['resources']).not.toHaveProperty('pids');
  expect(config.process).toMatchObject({ oomScoreAdj: 500 });
  expect(
    formatConfig(config)
      .match(/"type": "RLIMIT_MEMLOCK",\s+"soft": (\d+),\s+"hard": (\d+)/)
      ?.slice(1),
  ).toEqual(['18446744073709551615', '18446744073709551615']);
  expect(() => define({ cpus: 1, cpu_quota: 1 })).toThrow(/\/cpus: expected no such key together/);
});
