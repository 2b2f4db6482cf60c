import { expect, it } from 'vitest';
import type { Definition } from '../src/definition.ts';
import { serviceFile } from '../src/service.ts';

const service = (keys: Partial<Definition>): string => serviceFile('web', { rootfs: ['busybox'], command: ['a'], ...keys });

const NETWORK = "networks='default'\nnames='default:web'\nports=''\nport_mappings=''\nvolumes=''\n";

it('by default a container does not start again, has ten seconds to end, and a layer for its writes', () => {
  expect(service({})).toBe(`restart=no\nretries=0\ndepends=''\nstop_signal=TERM\ngrace=10\n${NETWORK}layer=memory\nhostname='web'\n`);
});

it('a hardened container starts again, and writes nothing', () => {
  expect(service({ 'x-profile': 'hardened' })).toBe(`restart=always\nretries=0\ndepends=''\nstop_signal=TERM\ngrace=10\n${NETWORK}layer=\n`);
});

it('a host name is quoted', () => {
  expect(service({ hostname: "it's" })).toContain("hostname='it'\\''s'\n");
});

it('the keys of the definition become variables', () => {
  const depends_on: Definition['depends_on'] = { db: { condition: 'service_started' }, init: { condition: 'service_completed_successfully' } };
  expect(service({ 'x-profile': 'hardened', restart: 'on-failure:3', depends_on, stop_signal: 'SIGUSR1', stop_grace_period: '3s' })).toBe(
    "restart=on-failure\nretries=3\ndepends='db:service_started init:service_completed_successfully'\nstop_signal=USR1\ngrace=3\nnetworks='default'\nnames='default:web'\nports=''\nport_mappings=''\nvolumes=''\nlayer=\n",
  );
});

it('networks and ports become lists, and the configuration of the port map plugin', () => {
  const lines = service({ networks: ['default', 'backend'], ports: ['8080:80', '127.0.0.1:53:5353/udp'] })
    .split('\n')
    .slice(5, 9);
  expect(lines).toEqual([
    "networks='default backend'",
    "names='default:web backend:web'",
    "ports='8080/tcp 53/udp'",
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
  expect(text.split('\n').slice(5, 16)).toEqual([
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
    `ports='80/tcp 81/tcp'\nport_mappings='[{"hostPort":80,"containerPort":8080,"protocol":"tcp","hostIP":"127.0.0.1"},{"hostPort":80,"containerPort":8080,"protocol":"tcp","hostIP":"::1"},{"hostPort":81,"containerPort":81,"protocol":"tcp"}]'\n`,
  );
  expect(service({ ports, network_mode: 'host' })).toContain("ports=''\nport_mappings=''\n");
});

it('a health check is a function that puts its program, quoted, behind its arguments', () => {
  const lines = service({ healthcheck: { test: ['CMD', 'wget', "it's"], interval: '5s', retries: 2 } }).split('\n');
  expect(lines.slice(12)).toEqual([
    'health_interval=5',
    'health_timeout=30',
    'health_retries=2',
    'health_start_period=0',
    `health_test() { "$@" 'wget' 'it'\\''s'; }`,
    '',
  ]);
  expect(service({ healthcheck: { test: ['CMD-SHELL', 'test -e /a && true'] } })).toContain(`health_test() { "$@" '/bin/sh' '-c' 'test -e /a && true'; }`);
});

it('servers, domains and options of the resolver are there when the definition has them', () => {
  expect(service({ dns: ['10.0.0.1', 'fd00::1'], dns_search: ['shop.lan', '.'], dns_opt: ['timeout:2', 'rotate'] })).toContain(
    "dns='10.0.0.1 fd00::1'\ndns_search='shop.lan .'\ndns_opt='timeout:2 rotate'\n",
  );
  expect(service({})).not.toContain('dns');
});
