import { spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'hosts-'));
});

afterEach(() => rm(root, { recursive: true }));

/** What the script, its paths moved below a directory, writes for containers with these files `networks`. */
async function hosts(
  containers: Record<string, string | undefined>,
  hostnames: Record<string, string> = {},
  services: Record<string, string> = {},
  gateways: Record<string, string> = {},
): Promise<Record<string, string[]>> {
  const script = join(root, 'hosts');
  const state = (name: string): string => join(root, 'run/container-os/containers', name);
  await writeFile(script, (await readFile(join(import.meta.dirname, '../rootfs/usr/lib/container-os/hosts'), 'utf8')).replaceAll('/run/', `${root}/run/`));
  await chmod(script, 0o755);
  for (const [name, networks] of Object.entries(containers)) {
    await mkdir(state(name), { recursive: true });
    if (networks !== undefined) await writeFile(join(state(name), 'networks'), networks);
    await mkdir(join(state(name), 'bundle'), { recursive: true });
    await writeFile(join(state(name), 'bundle/service'), services[name] ?? '');
    if (gateways[name]) await writeFile(join(state(name), 'gateway'), `${gateways[name]}\n`);
    if (hostnames[name]) await writeFile(join(state(name), 'hostname'), `${hostnames[name]}\n`);
  }
  expect(spawnSync(script, { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
  const texts = Object.keys(containers).map(
    async (name) => [name, (await readFile(join(state(name), 'hosts'), 'utf8')).trimEnd().split('\n').slice(2)] as const,
  );
  return Object.fromEntries(await Promise.all(texts));
}

it('a container knows those it shares a network with, by their addresses there', async () => {
  expect(await hosts({ client: 'back 10.2.0.2\n', db: 'inner 10.3.0.2\n', web: 'front 10.1.0.2\nback 10.2.0.3\n' })).toEqual({
    client: ['10.2.0.2 client', '10.2.0.3 web'],
    db: ['10.3.0.2 db'],
    web: ['10.2.0.2 client', '10.1.0.2 web'],
  });
});

it('one without network knows nobody, one with the networks of the OS everybody', async () => {
  expect(await hosts({ alone: '', host: undefined, web: 'front 10.1.0.2\n' })).toEqual({ alone: [], host: ['10.1.0.2 web'], web: ['10.1.0.2 web'] });
  expect(await hosts({ alone: '', web: '' })).toMatchObject({ alone: [], web: [] });
});

it("a container knows its own host name too, which is nobody else's name for it", async () => {
  expect(await hosts({ db: 'back 10.2.0.2\n', web: 'back 10.2.0.3\n' }, { db: 'shop.example', web: 'web' })).toEqual({
    db: ['10.2.0.2 db', '10.2.0.2 shop.example', '10.2.0.3 web'],
    web: ['10.2.0.2 db', '10.2.0.3 web'],
  });
});

it('a container has other names on each network, and one name may be that of several', async () => {
  const networks = { a: 'front 10.1.0.2\n', b: 'front 10.1.0.3 fd00::3\nback 10.2.0.3\n', c: 'back 10.2.0.4\n', d: 'front 10.1.0.5\n' };
  const services = {
    b: "restart=no\nnames='front:b front:web back:b back:db'\nports=''\n",
    d: "names='front:d front:web'\n",
  };
  expect(await hosts(networks, {}, services)).toMatchObject({
    a: ['10.1.0.2 a', '10.1.0.3 b', 'fd00::3 b', '10.1.0.3 web', 'fd00::3 web', '10.1.0.5 d', '10.1.0.5 web'],
    c: ['10.2.0.3 b', '10.2.0.3 db', '10.2.0.4 c'],
  });
});

it('a link is a name for its container alone, and extra_hosts are names for any addresses', async () => {
  const networks = { a: 'front 10.1.0.2\n', b: 'front 10.1.0.3\n', host: undefined };
  const services = { a: "links='foo:b bar:none'\nextra_hosts='x=1.1.1.1 x=2.2.2.2 y=::1 h=host-gateway'\n", host: "extra_hosts='h=host-gateway'\n" };
  expect(await hosts(networks, {}, services, { a: '10.1.0.1' })).toEqual({
    a: ['1.1.1.1 x', '2.2.2.2 x', '::1 y', '10.1.0.1 h', '10.1.0.3 foo', '10.1.0.2 a', '10.1.0.3 b'],
    b: ['10.1.0.2 a', '10.1.0.3 b'],
    host: ['127.0.0.1 h', '10.1.0.2 a', '10.1.0.3 b'],
  });
});
