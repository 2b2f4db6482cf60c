import { expect, it } from 'vitest';
import type { Definition } from '../src/definition.ts';
import { serviceFile } from '../src/service.ts';

const service = (keys: Partial<Definition>): string => serviceFile('web', { rootfs: ['busybox'], command: ['a'], ...keys });

const NETWORK = "networks='default'\nports=''\nport_mappings=''\nvolumes=''\n";

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
    "restart=on-failure\nretries=3\ndepends='db:service_started init:service_completed_successfully'\nstop_signal=USR1\ngrace=3\nnetworks='default'\nports=''\nport_mappings=''\nvolumes=''\nlayer=\n",
  );
});

it('networks and ports become lists, and the configuration of the port map plugin', () => {
  const lines = service({ networks: ['default', 'backend'], ports: ['8080:80', '127.0.0.1:53:5353/udp'] })
    .split('\n')
    .slice(5, 8);
  expect(lines).toEqual([
    "networks='default backend'",
    "ports='8080/tcp 53/udp'",
    `port_mappings='[{"hostPort":8080,"containerPort":80,"protocol":"tcp"},{"hostPort":53,"containerPort":5353,"protocol":"udp","hostIP":"127.0.0.1"}]'`,
  ]);
});

it('a container without networks, or with those of the OS, joins none', () => {
  expect(service({ network_mode: 'none' })).toContain("networks=''\n");
  expect(service({ network_mode: 'host' })).toContain("networks=''\n");
});

it('a health check is a function that puts its program, quoted, behind its arguments', () => {
  const lines = service({ healthcheck: { test: ['CMD', 'wget', "it's"], interval: '5s', retries: 2 } }).split('\n');
  expect(lines.slice(11)).toEqual([
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
