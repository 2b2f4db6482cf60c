import { bytesOf } from '@container-os/cpio';
import { spawnSync } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { networkEntries } from '../src/network.ts';

/** A plugin as the specification describes it: records how it was called, answers with a result that names it. */
const PLUGIN = `#!/bin/sh
type=\${0##*/}
printf '{"plugin":"%s","command":"%s","ifname":"%s","netns":"%s","id":"%s","args":"%s","config":%s}\\n' \\
  "$type" "$CNI_COMMAND" "$CNI_IFNAME" "$CNI_NETNS" "$CNI_CONTAINERID" "$CNI_ARGS" "$(tr '\\n' ' ')" >>"$CNI_PATH/../calls"
if [ "$type" = broken ]; then
  printf '{\\n  "code": 11,\\n  "msg": "no \\\\"address\\\\" left"\\n}\\n'
  exit 1
fi
[ "$CNI_COMMAND" = DEL ] || printf '{\\n  "by": "%s",\\n  "ips": [ { "address": "10.22.0.2/16", "gateway": "10.22.0.1" } ]\\n}\\n' "$type"
`;

interface Call {
  plugin: string;
  command: string;
  ifname: string;
  netns: string;
  id: string;
  config: {
    name: string;
    cniVersion: string;
    type: string;
    prevResult?: { by: string };
    runtimeConfig?: { portMappings: object[] };
    ipam?: { ranges: { rangeEnd?: string }[][] };
  };
  args: string;
}

let root: string;
let script: string;

/** The runner with its absolute paths moved below a directory: all else is what runs in the OS. */
beforeEach(async () => {
  installed = 0;
  root = await mkdtemp(join(tmpdir(), 'cni-'));
  const text = await readFile(join(import.meta.dirname, '../rootfs/usr/lib/container-os/cni'), 'utf8');
  script = join(root, 'cni');
  await writeFile(script, text.replaceAll('=/usr/lib/', `=${root}/usr/lib/`).replaceAll('=/run/', `=${root}/run/`).replace('=/opt/', `=${root}/opt/`));
  await mkdir(join(root, 'run/container-os/containers/demo'), { recursive: true });
  await mkdir(join(root, 'opt/cni/bin'), { recursive: true });
  await mkdir(join(root, 'usr/lib/container-os'), { recursive: true });
  await writeFile(join(root, 'usr/lib/container-os/forget'), `#!/bin/sh\necho "$@" >>${root}/forgotten\n`, { mode: 0o755 });
  for (const type of ['bridge', 'portmap', 'broken', 'nft']) {
    await writeFile(join(root, 'opt/cni/bin', type), PLUGIN);
    await chmod(join(root, 'opt/cni/bin', type), 0o755);
  }
});

afterEach(() => rm(root, { recursive: true }));

let installed: number;

/** Installs the next network of the image; a plugin named portmap is told of port mappings. */
async function install(name: string, ...types: (string | { type: string })[]): Promise<void> {
  const plugins = types
    .map((one) => (typeof one === 'string' ? { type: one } : one))
    .map(({ type, ...keys }) => ({ type, ...keys, ...(type === 'portmap' ? { capabilities: { portMappings: true } } : {}) }));
  for (const entry of networkEntries(`${name}.conflist`, JSON.stringify({ cniVersion: '1.0.0', name, plugins }), installed++)) {
    await mkdir(join(root, dirname(entry.path)), { recursive: true });
    if (entry.type === 'file') await writeFile(join(root, entry.path), bytesOf(entry.data));
  }
}

/** Of a container that joins `networks`, as its file service has them. */
function cni(verb: 'add' | 'del', networks = 'default', service: Record<string, string> = {}, container = 'demo'): { status: number | null; stderr: string } {
  const { status, stderr } = spawnSync('sh', [script, verb, container, `/run/netns/${container}`], {
    encoding: 'utf8',
    env: { PATH: `${join(root, 'opt/cni/bin')}:/usr/bin:/bin`, ports: '', port_mappings: '', ...service, networks },
  });
  return { status, stderr };
}

async function calls(): Promise<Call[]> {
  const text = await readFile(join(root, 'opt/cni/calls'), 'utf8').catch(() => '');
  await rm(join(root, 'opt/cni/calls'), { force: true });
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Call);
}

async function addLoopback(): Promise<void> {
  await writeFile(join(root, 'opt/cni/bin/loopback'), PLUGIN);
  await chmod(join(root, 'opt/cni/bin/loopback'), 0o755);
  await cp(join(import.meta.dirname, '../rootfs/usr/lib/container-os/loopback'), join(root, 'usr/lib/container-os/loopback'), { recursive: true });
}

const stateFile = (name: string): Promise<string> => readFile(join(root, 'run/container-os/containers/demo', name), 'utf8');

const state = (): Promise<string[]> => readdir(join(root, 'run/container-os/containers/demo'));

describe('the CNI runner', () => {
  it('calls the plugins of each network in order, each with the result of the one before', async () => {
    await install('a', 'bridge', 'portmap');
    await install('b', 'bridge');
    expect(cni('add', 'default b')).toEqual({ status: 0, stderr: '' });
    const made = await calls();
    expect(made.map(({ plugin, command, ifname, netns, id }) => [plugin, command, ifname, netns, id])).toEqual([
      ['bridge', 'ADD', 'eth0', '/run/netns/demo', 'demo'],
      ['portmap', 'ADD', 'eth0', '/run/netns/demo', 'demo'],
      ['bridge', 'ADD', 'eth1', '/run/netns/demo', 'demo'],
    ]);
    expect(made.map(({ config }) => [config.name, config.cniVersion, config.type, config.prevResult?.by])).toEqual([
      ['a', '1.0.0', 'bridge', undefined],
      ['a', '1.0.0', 'portmap', 'bridge'],
      ['b', '1.0.0', 'bridge', undefined],
    ]);
  });

  it('records the first address, and that on each network', async () => {
    await install('a', 'bridge');
    await install('b', 'bridge');
    cni('add', 'b default');
    expect(await stateFile('address')).toBe('10.22.0.2\n');
    expect(await stateFile('networks')).toBe('b 10.22.0.2\ndefault 10.22.0.2\n');
  });

  it('joins the networks that the container names, in its order, and the first of the image without a word', async () => {
    await install('a', 'bridge');
    await install('b', 'bridge');
    cni('add', 'b default');
    expect((await calls()).map(({ ifname, config }) => `${ifname} ${config.name}`)).toEqual(['eth0 b', 'eth1 a']);
    cni('add');
    expect((await calls()).map(({ ifname, config }) => `${ifname} ${config.name}`)).toEqual(['eth0 a']);
  });

  it('takes back what was joined when a network is not there', async () => {
    await install('a', 'bridge');
    expect(cni('add', 'default c')).toEqual({ status: 1, stderr: 'network c is not in this image\n' });
    expect((await calls()).map(({ plugin, command }) => `${plugin} ${command}`)).toEqual(['bridge ADD', 'bridge DEL']);
    expect(await state()).toEqual([]);
  });

  it('brings up lo by the plugin for it, also without a network', async () => {
    await addLoopback();
    expect(cni('add', '').status).toBe(0);
    expect((await calls()).map(({ plugin, ifname, config }) => `${plugin} ${ifname} ${config.name}`)).toEqual(['loopback lo lo']);
    expect(await stateFile('networks')).toBe('');
  });

  it('tells of published ports on the first network that can, and only a plugin that wants to know', async () => {
    await install('a', 'bridge', 'portmap');
    await install('b', 'portmap');
    const service = { ports: '8080/tcp', port_mappings: '[{"hostPort":8080,"containerPort":80,"protocol":"tcp"}]' };
    cni('add', 'default b', service);
    cni('del', 'default b', service);
    const told = (await calls()).map(({ plugin, command, ifname, config }) => [plugin, command, ifname, config.runtimeConfig?.portMappings.length]);
    expect(told).toEqual([
      ['bridge', 'ADD', 'eth0', undefined],
      ['portmap', 'ADD', 'eth0', 1],
      ['portmap', 'ADD', 'eth1', undefined],
      ['portmap', 'DEL', 'eth1', undefined],
      ['portmap', 'DEL', 'eth0', 1],
      ['bridge', 'DEL', 'eth0', undefined],
    ]);
  });

  it('joins in another order than that of the interfaces, which may have names: the first one with port mappings publishes', async () => {
    await install('a', 'bridge');
    await install('b', 'bridge', 'portmap');
    await install('c', 'bridge', 'portmap');
    const service = { ports: '80/tcp', port_mappings: '[{}]', join_order: 'default c b', interfaces: 'eth0 lan eth1' };
    cni('add', 'b default c', service);
    const told = (list: Call[]): unknown =>
      list.map(({ plugin, command, ifname, config }) => [config.name, plugin, command, ifname, config.runtimeConfig !== undefined]);
    expect(told(await calls())).toEqual([
      ['a', 'bridge', 'ADD', 'lan', false],
      ['c', 'bridge', 'ADD', 'eth1', false],
      ['c', 'portmap', 'ADD', 'eth1', true],
      ['b', 'bridge', 'ADD', 'eth0', false],
      ['b', 'portmap', 'ADD', 'eth0', false],
    ]);
    expect(await stateFile('networks')).toBe('b 10.22.0.2\ndefault 10.22.0.2\nc 10.22.0.2\n');
    expect(await stateFile('gateway')).toBe('10.22.0.1\n');
    cni('del', 'b default c', service);
    expect(told(await calls())).toEqual([
      ['b', 'portmap', 'DEL', 'eth0', false],
      ['b', 'bridge', 'DEL', 'eth0', false],
      ['c', 'portmap', 'DEL', 'eth1', true],
      ['c', 'bridge', 'DEL', 'eth1', false],
      ['a', 'bridge', 'DEL', 'lan', false],
    ]);
    expect(await state()).toEqual([]);
  });

  it('gives an address of its own in the place of the range of its family, and a MAC address', async () => {
    const ranges = [[{ subnet: '10.5.0.0/16', gateway: '10.5.0.9', rangeStart: '10.5.1.0', rangeEnd: '10.5.1.9' }], [{ subnet: 'fd00::/64' }]];
    await install('a', 'bridge');
    const own = [{ type: 'bridge', ipam: { type: 'host-local', ranges } }];
    await install('b', ...own);
    cni('add', 'default b', { addresses: 'default:10.22.0.7 b:10.5.0.5', macs: 'b:02:42:0a:05:00:05' });
    const [first, second] = await calls();
    expect([first?.config.ipam, first?.args, second?.args]).toEqual([undefined, '', 'IgnoreUnknown=true;MAC=02:42:0a:05:00:05']);
    expect(second?.config.ipam?.ranges).toEqual([[{ subnet: '10.5.0.0/16', gateway: '10.5.0.9', rangeStart: '10.5.0.5', rangeEnd: '10.5.0.5' }], ranges[1]]);
    cni('add', 'b', { addresses: 'b:10.5.0.5 b:fd00::5' });
    expect((await calls())[0]?.config.ipam?.ranges.map(([range]) => range?.rangeEnd)).toEqual(['10.5.0.5', 'fd00::5']);
  });

  it('hands the MTU of the uplink to a container that has joined, where it is not the usual one', async () => {
    await install('a', 'bridge');
    await mkdir(join(root, 'run/container-os/uplink'), { recursive: true });
    await mkdir(join(root, 'usr/lib/container-os/uplink'), { recursive: true });
    await writeFile(join(root, 'usr/lib/container-os/uplink/mtu'), `#!/bin/sh\necho "$1 $(ls ${root}/run/container-os/containers/$1)" >>${root}/told\n`);
    await chmod(join(root, 'usr/lib/container-os/uplink/mtu'), 0o755);
    cni('add', 'default');
    await writeFile(join(root, 'run/container-os/uplink/mtu'), '1400\n');
    cni('add', 'default');
    expect(await readFile(join(root, 'told'), 'utf8')).toBe('demo address\neth0.json\ngateway\nnetworks\n');
  });

  it('starts a container without its ports, and says so, where the image has no nft', async () => {
    await rm(join(root, 'opt/cni/bin/nft'));
    await install('a', 'portmap');
    const { status, stderr } = cni('add', 'default', { ports: '80/tcp', port_mappings: '[{}]' });
    expect([status, stderr]).toEqual([0, 'no nft in this image: ports are not published\n']);
    expect((await calls())[0]?.config.runtimeConfig).toBeUndefined();
  });

  it('gives a port of the OS to one container, and to the next when that one has left', async () => {
    await install('a', 'bridge');
    const service = { ports: '53/udp 8080/tcp' };
    await mkdir(join(root, 'run/container-os/containers/second'));
    expect(cni('add', 'default', service).status).toBe(0);
    expect(cni('add', 'default', { ports: '8080/udp' }, 'second').status).toBe(0);
    expect(cni('del', 'default', { ports: '8080/udp' }, 'second').status).toBe(0);
    expect(cni('add', 'default', { ports: '90/tcp 8080/tcp' }, 'second')).toEqual({
      status: 1,
      stderr: 'port 8080/tcp is already published by container demo\n',
    });
    expect(cni('add', 'default', service).status).toBe(0);
    expect(cni('del', 'default', service).status).toBe(0);
    expect(cni('add', 'default', service, 'second').status).toBe(0);
    expect(await readdir(join(root, 'run/container-os/ports'))).toEqual(['53.udp', '8080.tcp']);
  });

  it('gives a port of one address to one container, and that of another address to another', async () => {
    await install('a', 'bridge');
    await mkdir(join(root, 'run/container-os/containers/second'));
    const other = (ports: string): string => cni('add', 'default', { ports }, 'second').stderr;
    expect(cni('add', 'default', { ports: '53/udp@10.0.0.1 53/udp@10.0.0.2 80/tcp' }).status).toBe(0);
    expect(other('53/udp@10.0.0.3 53/tcp')).toBe('');
    expect(cni('del', 'default', { ports: '53/udp@10.0.0.3 53/tcp' }, 'second').status).toBe(0);
    expect(other('53/udp@10.0.0.2')).toBe('port 53/udp@10.0.0.2 is already published by container demo\n');
    expect(other('53/udp')).toBe('port 53/udp is already published by container demo\n');
    expect(other('80/tcp@10.0.0.1')).toBe('port 80/tcp@10.0.0.1 is already published by container demo\n');
    expect(await readdir(join(root, 'run/container-os/ports'))).toEqual(['53.udp@10.0.0.1', '53.udp@10.0.0.2', '80.tcp']);
  });

  it('leaves the networks in reverse, each plugin with the last result of its ADD, and forgets', async () => {
    await install('a', 'bridge', 'portmap');
    await install('b', 'bridge');
    cni('add', 'default b');
    await calls();
    expect(cni('del', 'default b')).toEqual({ status: 0, stderr: '' });
    expect((await calls()).map(({ plugin, command, ifname, config }) => [plugin, command, ifname, config.name, config.prevResult?.by])).toEqual([
      ['bridge', 'DEL', 'eth1', 'b', 'bridge'],
      ['portmap', 'DEL', 'eth0', 'a', 'portmap'],
      ['bridge', 'DEL', 'eth0', 'a', 'portmap'],
    ]);
    expect(await state()).toEqual([]);
    expect(cni('del', 'default b')).toEqual({ status: 0, stderr: '' });
    // Once, with the container's address on each network; the stand-in gives the same one twice.
    expect(await readFile(join(root, 'forgotten'), 'utf8')).toBe('10.22.0.2 10.22.0.2\n');
  });

  it('stops at a plugin that fails and shows what the plugin says', async () => {
    await install('a', 'broken', 'portmap');
    expect(cni('add')).toEqual({ status: 1, stderr: 'cni plugin broken, ADD: no "address" left\ncni plugin broken, DEL: no "address" left\n' });
    expect((await calls()).map(({ plugin, command }) => `${plugin} ${command}`)).toEqual(['broken ADD', 'portmap DEL', 'broken DEL']);
  });

  it('frees what can be freed when a plugin fails to', async () => {
    await install('a', 'bridge', 'broken');
    expect(cni('del').status).toBe(1);
    expect((await calls()).map(({ plugin }) => plugin)).toEqual(['broken', 'bridge']);
  });

  it('says so when a plugin is not in the image', async () => {
    await install('a', 'vlan');
    const { status, stderr } = cni('add');
    expect(status).toBe(1);
    expect(stderr).toMatch(/cni plugin vlan, ADD: could not run/);
  });

  it('does nothing where there is no network', () => {
    expect(cni('add')).toEqual({ status: 0, stderr: '' });
    expect(cni('del')).toEqual({ status: 0, stderr: '' });
  });
});
