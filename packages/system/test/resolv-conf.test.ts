import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { moved, SHELLS } from './shells.ts';

const OS = 'nameserver 192.0.2.1\nnameserver 192.0.2.2\nsearch lan example.org\n';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'resolv-conf-'));
});

afterEach(() => rmSync(root, { recursive: true }));

const state = (name: string, file: string): string => join(root, 'run/container-os/containers', name, file);

function container(name: string, service: string): void {
  mkdirSync(state(name, 'bundle'), { recursive: true });
  writeFileSync(state(name, 'bundle/service'), service);
}

describe.each(Object.entries(SHELLS))('resolv.conf, by %s', (_, [shell, ...args]) => {
  /** What the script writes for a container with this file service. */
  function resolvConf(service: string, os = OS): string {
    container('web', service);
    run(os);
    return readFileSync(state('web', 'resolv.conf'), 'utf8');
  }

  function run(os: string, ...names: string[]): void {
    mkdirSync(join(root, 'usr/lib/container-os/networks'), { recursive: true });
    writeFileSync(join(root, 'run/resolv.conf'), os);
    const script = join(root, 'script');
    writeFileSync(script, `#!${shell === 'sh' ? '/bin/sh' : shell} ${args.join(' ')}\n${moved('resolv-conf', root)}`);
    chmodSync(script, 0o755);
    expect(spawnSync(script, names, { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '', stdout: '' });
  }

  it('a container with networks asks the resolver, and searches the domains of the OS', () => {
    expect(resolvConf("networks='front'\n")).toBe('nameserver 127.0.0.11\nsearch lan example.org\noptions ndots:0\n');
    expect(readFileSync(state('web', 'dns'), 'utf8')).toBe('');
    expect(resolvConf("networks='front'\n", '')).toBe('nameserver 127.0.0.11\noptions ndots:0\n');
  });

  it('its own servers are for the resolver, its domains and options for its programs', () => {
    expect(resolvConf("networks='front'\ndns='10.0.0.1 fd00::1'\ndns_search='shop.lan'\ndns_opt='timeout:2 rotate'\n")).toBe(
      'nameserver 127.0.0.11\nsearch shop.lan\noptions ndots:0 timeout:2 rotate\n',
    );
    expect(readFileSync(state('web', 'dns'), 'utf8')).toBe('nameserver 10.0.0.1\nnameserver fd00::1\n');
    expect(resolvConf("networks='front'\ndns_search='.'\ndns_opt='ndots:2'\n")).toBe('nameserver 127.0.0.11\noptions ndots:2\n');
  });

  it('a container without networks, or with those of the OS, has the servers of the OS unless it names some', () => {
    expect(resolvConf("networks=''\n")).toBe(OS);
    expect(resolvConf("networks=''\ndns='10.0.0.1'\ndns_opt='edns0'\n")).toBe('nameserver 10.0.0.1\nsearch lan example.org\noptions edns0\n');
  });

  it('a name server that is published does not ask itself', () => {
    const mappings = (port: number): string => `port_mappings='[{"hostPort":53,"containerPort":${port},"protocol":"udp"}]'\n`;
    expect(resolvConf(`networks='front'\n${mappings(53)}`)).toBe(OS);
    expect(resolvConf(`networks='front'\n${mappings(5353)}`)).toContain('nameserver 127.0.0.11\n');
  });

  it('of several containers, one is written when it is named, else all', () => {
    container('db', "networks=''\n");
    container('web', "networks=''\n");
    run(OS, 'db');
    expect(() => readFileSync(state('web', 'resolv.conf'))).toThrow('ENOENT');
    run('');
    expect([readFileSync(state('db', 'resolv.conf'), 'utf8'), readFileSync(state('web', 'resolv.conf'), 'utf8')]).toEqual(['', '']);
  });
});
