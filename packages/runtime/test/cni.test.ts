import { spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { networkEntries } from '../src/network.ts';

/** A plugin as the specification describes it: records how it was called, answers with a result that names it. */
const PLUGIN = `#!/bin/sh
type=\${0##*/}
printf '{"plugin":"%s","command":"%s","ifname":"%s","netns":"%s","id":"%s","config":%s}\\n' \\
  "$type" "$CNI_COMMAND" "$CNI_IFNAME" "$CNI_NETNS" "$CNI_CONTAINERID" "$(tr '\\n' ' ')" >>"$CNI_PATH/../calls"
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
  config: { name: string; cniVersion: string; type: string; prevResult?: { by: string } };
}

let root: string;
let script: string;

/** The runner with its absolute paths moved below a directory: all else is what runs in the OS. */
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'cni-'));
  const text = await readFile(join(import.meta.dirname, '../rootfs/usr/lib/container-os/cni'), 'utf8');
  script = join(root, 'cni');
  await writeFile(script, text.replace('=/usr/lib/', `=${root}/usr/lib/`).replace('=/run/', `=${root}/run/`).replace('=/opt/', `=${root}/opt/`));
  await mkdir(join(root, 'run/container-os/containers/demo'), { recursive: true });
  await mkdir(join(root, 'opt/cni/bin'), { recursive: true });
  for (const type of ['bridge', 'portmap', 'broken']) {
    await writeFile(join(root, 'opt/cni/bin', type), PLUGIN);
    await chmod(join(root, 'opt/cni/bin', type), 0o755);
  }
});

afterEach(() => rm(root, { recursive: true }));

async function install(name: string, ...types: string[]): Promise<void> {
  for (const entry of networkEntries(`${name}.conflist`, JSON.stringify({ cniVersion: '1.0.0', name, plugins: types.map((type) => ({ type })) }))) {
    await mkdir(join(root, dirname(entry.path)), { recursive: true });
    if (entry.type === 'file') await writeFile(join(root, entry.path), entry.data);
  }
}

function cni(verb: 'add' | 'del'): { status: number | null; stderr: string } {
  const { status, stderr } = spawnSync('sh', [script, verb, 'demo', '/run/netns/demo'], { encoding: 'utf8' });
  return { status, stderr };
}

async function calls(): Promise<Call[]> {
  const text = await readFile(join(root, 'opt/cni/calls'), 'utf8').catch(() => '');
  await rm(join(root, 'opt/cni/calls'), { force: true });
  return text.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as Call);
}

const state = (): Promise<string[]> => readdir(join(root, 'run/container-os/containers/demo'));

describe('the CNI runner', () => {
  it('calls the plugins of each network in order, each with the result of the one before', async () => {
    await install('10-a', 'bridge', 'portmap');
    await install('20-b', 'bridge');
    expect(cni('add')).toEqual({ status: 0, stderr: '' });
    const made = await calls();
    expect(made.map(({ plugin, command, ifname, netns, id }) => [plugin, command, ifname, netns, id])).toEqual([
      ['bridge', 'ADD', 'eth0', '/run/netns/demo', 'demo'],
      ['portmap', 'ADD', 'eth0', '/run/netns/demo', 'demo'],
      ['bridge', 'ADD', 'eth1', '/run/netns/demo', 'demo'],
    ]);
    expect(made.map(({ config }) => [config.name, config.cniVersion, config.type, config.prevResult?.by])).toEqual([
      ['10-a', '1.0.0', 'bridge', undefined],
      ['10-a', '1.0.0', 'portmap', 'bridge'],
      ['20-b', '1.0.0', 'bridge', undefined],
    ]);
  });

  it('records the first address', async () => {
    await install('10-a', 'bridge');
    cni('add');
    expect(await readFile(join(root, 'run/container-os/containers/demo/address'), 'utf8')).toBe('10.22.0.2\n');
  });

  it('leaves the networks in reverse, each plugin with the last result of its ADD, and forgets', async () => {
    await install('10-a', 'bridge', 'portmap');
    await install('20-b', 'bridge');
    cni('add');
    await calls();
    expect(cni('del')).toEqual({ status: 0, stderr: '' });
    expect((await calls()).map(({ plugin, command, ifname, config }) => [plugin, command, ifname, config.name, config.prevResult?.by])).toEqual([
      ['bridge', 'DEL', 'eth1', '20-b', 'bridge'],
      ['portmap', 'DEL', 'eth0', '10-a', 'portmap'],
      ['bridge', 'DEL', 'eth0', '10-a', 'portmap'],
    ]);
    expect(await state()).toEqual([]);
    expect(cni('del')).toEqual({ status: 0, stderr: '' });
  });

  it('stops at a plugin that fails and shows what the plugin says', async () => {
    await install('10-a', 'broken', 'portmap');
    expect(cni('add')).toEqual({ status: 1, stderr: 'cni plugin broken, ADD: no "address" left\n' });
    expect((await calls()).map(({ plugin }) => plugin)).toEqual(['broken']);
  });

  it('frees what can be freed when a plugin fails to', async () => {
    await install('10-a', 'bridge', 'broken');
    expect(cni('del').status).toBe(1);
    expect((await calls()).map(({ plugin }) => plugin)).toEqual(['broken', 'bridge']);
  });

  it('says so when a plugin is not in the image', async () => {
    await install('10-a', 'vlan');
    const { status, stderr } = cni('add');
    expect(status).toBe(1);
    expect(stderr).toMatch(/cni plugin vlan, ADD: could not run/);
  });

  it('does nothing where there is no network', () => {
    expect(cni('add')).toEqual({ status: 0, stderr: '' });
    expect(cni('del')).toEqual({ status: 0, stderr: '' });
  });
});
