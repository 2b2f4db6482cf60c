import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LIBRARY, moved, SHELLS } from './shells.ts';

interface Property {
  name: string;
  ok: boolean;
  found: string;
}

let root: string;

/** The library below a directory of the test, with a file for the boot report. The first pause takes all attempts that are left. */
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'property-'));
  write('proc/uptime', '1.00 1.00\n');
  for (const file of ['property.sh', 'wait.sh']) write(`usr/lib/container-os/${file}`, moved(file, root));
  write(
    'usr/lib/container-os/report.sh',
    `${moved('report.sh', root)}report_port() { :; }\nwrite_line() { printf '%s}\\n' "$line" >>${root}/port; }\nusleep() { attempts=0; }\n`,
  );
});
afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

/** A program in the place of one of the OS. */
function program(path: string, script: string): void {
  write(path, `#!/bin/sh\n${script}\n`);
  chmodSync(join(root, path), 0o755);
}

function container(name: string, status: string): void {
  write(`run/container-os/containers/${name}/status`, `${status}\n`);
  write(`run/container-os/containers/${name}/pid`, '4194305\n'); // beyond the greatest that there is
}

describe.each(Object.entries(SHELLS))('in %s', (_, [shell, ...args]) => {
  /** What a test of self-test.d reports. */
  function test(script: string): Property[] {
    write('port', '');
    write('test.sh', script);
    spawnSync(shell, [...args, join(root, 'test.sh')], { env: { PATH: `${root}/bin:${process.env['PATH']}` } });
    return (JSON.parse(`[${readFileSync(join(root, 'port'), 'utf8').trim().split('\n').join(',')}]`) as Property[]).map(({ name, ok, found }) => ({
      name,
      ok,
      found,
    }));
  }

  /** Whether a property holds, and what it found. */
  function holds(command: string): [boolean, string] {
    const [property] = test(`. ${root}/usr/lib/container-os/property.sh\nproperty 'it is so' ${command}\n`);
    return [property?.ok ?? false, property?.found ?? 'nothing'];
  }

  it('a property holds when its command succeeds, and tells the last line that it prints', () => {
    expect(holds(`sh -c 'echo one; echo two'`)).toEqual([true, 'two']);
    expect(holds(`sh -c 'echo three; exit 4'`)).toEqual([false, 'three']);
    expect(holds('no-such-program')[0]).toBe(false);
  });

  it('a command is refused only for the reason that is expected', () => {
    expect(holds(`refused 'not permitted' sh -c 'echo "mount: not permitted"; exit 1'`)).toEqual([true, 'exit code 1: mount: not permitted']);
    expect(holds(`refused 'not permitted' sh -c 'echo "no such container"; exit 1'`)).toEqual([false, 'exit code 1: no such container']);
    expect(holds(`refused 'not permitted' sh -c 'echo "not permitted"'`)).toEqual([false, 'exit code 0: not permitted']);
    expect(holds(`refused 'not permitted' no-such-program`)[0]).toBe(false);
    expect(holds(`refused 'not permitted' sh -c 'exit 1'`)[0]).toBe(false);
  });

  it('a container that does not become what it should does not hold', () => {
    container('web', 'failed');
    expect(holds('becomes web status running')).toEqual([false, 'failed']);
    expect(holds('becomes web status failed')[0]).toBe(true);
    expect(holds('becomes db status running')[0]).toBe(false);
  });

  it('a container is not back while its process is the old one, a dead one, or none', () => {
    container('web', 'running');
    expect(holds('back_after web true')).toEqual([false, 'running']);
    const pid = join(root, 'run/container-os/containers/web/pid');
    expect(holds(`back_after web sh -c 'echo 4194306 >${pid}'`)).toEqual([false, 'running']);
    expect(holds(`back_after web sh -c 'echo ${process.pid} >${pid}'`)[0]).toBe(true);
    write('run/container-os/containers/web/pid', '4194305\n');
    expect(holds(`back_after web rm ${pid}`)[0]).toBe(false); // it is about to start
    expect(holds('back_after web true')[0]).toBe(false);
  });

  it('a container with a writable root that does not start again does not hold, and nothing holds because it is down', () => {
    for (const name of ['self-test', 'self-test-strict']) container(name, 'running');
    program('usr/lib/container-os/stop-container', `echo failed >${root}/run/container-os/containers/self-test-strict/status`);
    program('bin/sv', 'true');
    program('bin/oci-runtime', 'echo "container is not running" >&2; exit 1');
    const found = Object.fromEntries(test(moved('self-test.d/38-writable-root.sh', root)).map(({ name, ok }) => [name, ok]));
    expect(found).toHaveProperty('self-test-strict restarts', false);
    expect(Object.values(found)).toEqual([false, false, false, false, false, false]);
  });

  /** Programs of the OS that the tests call; the rest are the shell's own, or only read and count. */
  const PROGRAMS = [
    'cosctl',
    'fsync',
    'httpd',
    'ip',
    'nc',
    'nft',
    'nsenter',
    'oci-runtime',
    'pidof',
    'ping',
    'script',
    'sleep',
    'sv',
    'sysctl',
    'umount',
    'unshare',
    'wget',
  ];

  /** Of a container whose process has nothing of it. */
  const CONFIG = `${JSON.stringify(
    {
      process: { capabilities: { bounding: [] }, rlimits: [{ type: 'RLIMIT_NOFILE', soft: 1, hard: 1 }], noNewPrivileges: true },
      root: { path: 'rootfs', readonly: true },
      mounts: [{ destination: '/proc', options: ['nosuid'] }],
      linux: {
        cgroupsPath: '/containers/web',
        namespaces: [{ type: 'pid' }],
        uidMappings: [{ containerID: 0, hostID: 65536, size: 65536 }],
        sysctl: { 'net.ipv4.ping_group_range': '0 65535' },
        resources: { memory: { limit: 4096 } },
      },
    },
    null,
    2,
  )}\n`;

  it.each(readdirSync(join(LIBRARY, 'self-test.d')))('in an OS where nothing works no property of %s holds', (file) => {
    for (const name of PROGRAMS) program(`bin/${name}`, 'echo "it does not work" >&2; exit 1');
    for (const name of ['cni', 'leaks', 'stop-container']) program(`usr/lib/container-os/${name}`, 'exit 1');
    for (const path of ['firewall.nft', 'networks/00.default/00.bridge.json']) write(`usr/lib/container-os/${path}`, '"type":"bridge"\n');
    write('usr/lib/container-os/bridges', 'cni0 default 0 10.22.0.0/16\n');
    for (const path of ['tmp/none', 'sys/class/net/eth0/mtu', 'run/container-os/ports/8080.tcp']) write(path, 'web\n');
    write('proc/meminfo', 'MemTotal: 200000 kB\n');
    write('proc/mounts', `/dev/vda ${root}/var/lib/container-os ext4 rw 0 0\n`);
    if (file === '56-defaults.sh') for (const limit of ['max', 'current']) write(`sys/fs/cgroup/containers/memory.${limit}`, '0\n');
    write('run/container-os/events', '');
    for (const name of ['client', 'web', 'self-test', 'self-test-strict']) {
      container(name, { '12-containers.sh': 'failed', '90-order.sh': 'stopped' }[file] ?? 'running');
      write(`run/container-os/containers/${name}/networks`, `default 10.22.0.${name.length}\n`);
      write(`run/container-os/containers/${name}/address`, `10.22.0.${name.length}\n`);
      write(
        `run/container-os/containers/${name}/bundle/service`,
        `restart=always\ndepends='web:service_healthy'\nnetworks=\nhealth_interval=1\nports='8080/tcp'\nport_mappings='[{"hostPort":8080,"containerPort":80,"protocol":"tcp"}]'\n`,
      );
      write(`run/container-os/containers/${name}/bundle/config.json`, CONFIG);
      write(`run/container-os/containers/${name}/bundle/definition.json`, '{\n  "x-profile": "hardened"\n}\n');
      write(`proc/4194305/mountinfo`, '1 1 1:1 /volumes/counter /data rw - ext4 /dev/vda rw\n');
    }
    write('containers/web/definition.json', '{}');
    const found = test(moved(`self-test.d/${file}`, root));
    expect(found.filter(({ ok }) => ok)).toEqual([]);
    expect(found).not.toEqual([]);
  });
});
