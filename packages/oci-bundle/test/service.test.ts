import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import type { Definition } from '../src/definition.ts';
import { ociConfig } from '../src/oci-config.ts';
import { serviceFile } from '../src/service.ts';

const service = (keys: Partial<Definition>): string => {
  const definition: Definition = { rootfs: ['busybox'], command: ['a'], ...keys };
  return serviceFile('web', definition, ociConfig('web', definition, { defaultAction: 'SCMP_ACT_ERRNO', syscalls: [] }));
};

const NETWORK = "networks='default'\nnames='default:web'\nports=''\nport_mappings=''\nvolumes=''\n";

it('by default a container does not start again, has ten seconds to end, and a layer for its writes', () => {
  expect(service({})).toBe(`restart=no\nretries=0\ndepends=''\nshares=''\nstop_signal=TERM\ngrace_ms=10000\n${NETWORK}layer=auto\nhostname='web'\n`);
});

it('a hardened container starts again, and writes nothing', () => {
  expect(service({ 'x-profile': 'hardened' })).toBe(`restart=always\nretries=0\ndepends=''\nshares=''\nstop_signal=TERM\ngrace_ms=10000\n${NETWORK}layer=\n`);
});

it('a host name is quoted', () => {
  expect(service({ hostname: "it's" })).toContain("hostname='it'\\''s'\n");
});

it('the keys of the definition become variables', () => {
  const depends_on: Definition['depends_on'] = { db: { condition: 'service_started' }, init: { condition: 'service_completed_successfully' } };
  expect(service({ 'x-profile': 'hardened', restart: 'on-failure:3', depends_on, stop_signal: 'SIGUSR1', stop_grace_period: '3s' })).toBe(
    "restart=on-failure\nretries=3\ndepends='db:service_started init:service_completed_successfully'\nshares=''\nstop_signal=USR1\ngrace_ms=3000\nnetworks='default'\nnames='default:web'\nports=''\nport_mappings=''\nvolumes=''\nlayer=\n",
  );
});

it('networks and ports become lists, and the configuration of the port map plugin', () => {
  const lines = service({ networks: ['default', 'backend'], ports: ['8080:80', '127.0.0.1:53:5353/udp'] })
    .split('\n')
    .slice(6, 10);
  expect(lines).toEqual([
    "networks='default backend'",
    "names='default:web backend:web'",
    "ports='8080/tcp 53/udp@127.0.0.1'",
    `port_mappings='[{"hostPort":8080,"containerPort":80,"protocol":"tcp"},{"hostPort":53,"containerPort":5353,"protocol":"udp","hostIP":"127.0.0.1"}]'`,
  ]);
});

it('a container without networks, or with those of the OS, joins none', () => {
  expect(service({ network_mode: 'none' })).toContain("networks=''\n");
  expect(service({ network_mode: 'host' })).toContain("networks=''\n");
});

it('what a container is in its networks becomes lists, in the order of its interfaces, which is by priority', () => {
  const networks: Definition['networks'] = {
    back: { aliases: ['db', 'web'], ipv4_address: '10.5.0.5', ipv6_address: 'fd00::5', mac_address: '02-42-0A-05-00-05', priority: 1, interface_name: 'lan' },
    front: { gw_priority: 1, link_local_ips: ['169.254.1.1'] },
    alone: null,
  };
  const text = service({ networks, links: ['shop-db-1:database'], extra_hosts: ['a=1.1.1.1', 'h=host-gateway'] });
  expect(text.split('\n').slice(6, 17)).toEqual([
    "networks='back alone front'",
    "names='back:web back:db alone:web front:web'",
    "ports=''",
    "port_mappings=''",
    "join_order='front alone back'",
    "interfaces='lan eth0 eth1'",
    "addresses='back:10.5.0.5 back:fd00::5'",
    "link_local='front:169.254.1.1'",
    "macs='back:02:42:0a:05:00:05'",
    "links='database:shop-db-1'",
    "extra_hosts='a=1.1.1.1 h=host-gateway'",
  ]);
});

it('a container that uses the interfaces of another one names it, and joins no network', () => {
  expect(service({ network_mode: 'container:vpn' })).toContain("networks=''\nnames=''\nports=''\nport_mappings=''\nnetwork_owner='vpn'\n");
});

it('one port may be published on several addresses, IPv6 too, and has no effect in the networks of the OS', () => {
  const ports = ['127.0.0.1:80:8080', '[::1]:80:8080', '0.0.0.0:81:81'];
  expect(service({ ports })).toContain(
    `ports='80/tcp@127.0.0.1 80/tcp@::1 81/tcp'\nport_mappings='[{"hostPort":80,"containerPort":8080,"protocol":"tcp","hostIP":"127.0.0.1"},{"hostPort":80,"containerPort":8080,"protocol":"tcp","hostIP":"::1"},{"hostPort":81,"containerPort":81,"protocol":"tcp"}]'\n`,
  );
  expect(service({ ports, network_mode: 'host' })).toContain("ports=''\nport_mappings=''\n");
});

it('a health check is a function that puts its program, quoted, behind its arguments', () => {
  const lines = service({ healthcheck: { test: ['CMD', 'wget', "it's"], interval: '5s', retries: 2 } }).split('\n');
  expect(lines.slice(13)).toEqual([
    'health_interval=5',
    'health_timeout=30',
    'health_retries=2',
    'health_start_period_ms=0',
    'health_start_interval=5',
    `health_test() { "$@" 'wget' 'it'\\''s'; }`,
    '',
  ]);
  expect(service({ healthcheck: { test: ['CMD-SHELL', 'test -e /a && true'] } })).toContain(`health_test() { "$@" '/bin/sh' '-c' 'test -e /a && true'; }`);
});

it('durations are milliseconds, or seconds with a fraction; for a health check none is as good as no key', () => {
  const healthcheck: NonNullable<Definition['healthcheck']> = {
    test: ['CMD', 'a'],
    interval: '1m30s',
    timeout: '500ms',
    retries: 0,
    start_period: '1.5s',
    start_interval: '0s',
  };
  const lines = service({ stop_grace_period: '1h0m0.25s', healthcheck }).split('\n');
  expect(lines).toEqual(
    expect.arrayContaining([
      'grace_ms=3600250',
      'health_interval=90',
      'health_timeout=0.5',
      'health_retries=3',
      'health_start_period_ms=1500',
      'health_start_interval=5',
    ]),
  );
  expect(service({ stop_grace_period: '0s' })).toContain('grace_ms=0\n');
});

it.each([
  ['unless-stopped', 'always', 0],
  ['always:2', 'always', 2],
  ['on-failure:0', 'on-failure', 0],
  ['no', 'no', 0],
] as const)('restart: %s', (restart, policy, retries) => {
  expect(service({ restart })).toContain(`restart=${policy}\nretries=${retries}\n`);
});

it('a container that may start without another one says so', () => {
  const depends_on: Definition['depends_on'] = { db: { condition: 'service_healthy', required: false, restart: true } };
  expect(service({ depends_on })).toContain("depends='db:service_healthy:optional'\n");
});

it('a terminal and an open standard input are for the supervisor to give', () => {
  expect(service({ tty: true, stdin_open: true })).toContain('stdin_open=yes\ntty=yes\n');
  expect(service({})).not.toMatch(/stdin_open|tty/);
});

it('hooks are functions that call their caller with a process each, until one fails', () => {
  const [line = ''] = service({
    tty: true,
    environment: { A: '1', B: '2' },
    user: '1000',
    post_start: [{ command: ['/a', "it's"] }, { command: ['/b'], user: '0:5', working_dir: '/srv', privileged: true, environment: { B: '3' } }],
  })
    .split('\n')
    .filter((one) => one.startsWith('post_start'));
  const words = execFileSync('sh', ['-c', `${line}\nshow() { echo "$1"; return 1; }\npost_start show || true`], { encoding: 'utf8' }).trim();
  expect(JSON.parse(words)).toMatchObject({ args: ['/a', "it's"], terminal: false, user: { uid: 1000, gid: 1000 } });
  const all = execFileSync('sh', ['-c', `${line}\npost_start echo`], { encoding: 'utf8' })
    .trim()
    .split('\n');
  const second = JSON.parse(all[1] ?? '') as { env: string[]; capabilities: { effective: string[] } };
  expect(second).toMatchObject({ args: ['/b'], cwd: '/srv', user: { uid: 0, gid: 5 } });
  expect(second.env).toEqual(expect.arrayContaining(['A=1', 'B=3', 'TERM=xterm']));
  expect(second.env).not.toContain('B=2');
  expect(second.capabilities.effective).toContain('CAP_SYS_ADMIN');
  expect(service({ pre_stop: [{ command: ['/a'] }] })).toMatch(/^pre_stop\(\) \{ "\$@" '\{.*\}'; \}$/m);
});

it('servers, domains and options of the resolver are there when the definition has them', () => {
  expect(service({ dns: ['10.0.0.1', 'fd00::1'], dns_search: ['shop.lan', '.'], dns_opt: ['timeout:2', 'rotate'] })).toContain(
    "dns='10.0.0.1 fd00::1'\ndns_search='shop.lan .'\ndns_opt='timeout:2 rotate'\n",
  );
  expect(service({})).not.toContain('dns');
});
