// Boots demo-os with network cards, and pulls their cables, by QEMU's monitor. Needs demo-os:rootfs and base-vm:kernel, from
// CONTAINER_OS_ARTIFACTS (default: dist).
import { builtArtifact } from '@container-os/core/testing';
import { fileEntry } from '@container-os/cpio';
import { readLayer, writeLayer } from '@container-os/cpio/fs';
import { execa, type ResultPromise } from 'execa';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createConnection, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';

const CMDLINE = 'console=ttyS0 quiet panic=-1 percpu_alloc=page no_timer_check';
const MACHINE = ['-machine', 'q35,sata=off', '-accel', 'tcg', '-cpu', 'qemu64,+rdrand', '-m', '256', '-nodefaults', '-no-user-config', '-no-reboot'];

interface Event {
  event: string;
  uptime: number;
  device?: string;
  address?: string;
  step?: string;
}

let base: string;
let qemu: ResultPromise | undefined;
let monitor: Socket | undefined;

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'uplink-'));
  const early = await readLayer(builtArtifact('early-init/layer.cpio'));
  const image = fileEntry('rootfs.squashfs', await readFile(builtArtifact('rootfs/rootfs.squashfs')));
  await writeLayer(join(base, 'initramfs'), [...early, image]);
});
afterEach(async () => {
  monitor?.destroy();
  qemu?.kill('SIGKILL');
  await qemu?.catch(() => undefined);
});
afterAll(() => rm(base, { recursive: true }));

/** Starts a machine with these devices; the self-test runs `tests`. */
function start(tests: string, devices: string[]): void {
  const kernel = ['-kernel', builtArtifact('kernel/vmlinux'), '-initrd', join(base, 'initramfs'), '-append', `${CMDLINE} container-os.tests=${tests}`];
  const report = [
    '-device',
    'virtio-serial-pci',
    '-chardev',
    `file,id=report,path=${join(base, 'report')}`,
    '-device',
    'virtserialport,chardev=report,name=org.container-os.report',
  ];
  const io = ['-display', 'none', '-serial', `file:${join(base, 'console')}`, '-qmp', `unix:${join(base, 'qmp')},server=on,wait=off`];
  qemu = execa('qemu-system-x86_64', [...MACHINE, ...io, ...report, ...devices, ...kernel], { timeout: 600_000 });
}

/** The events of the report so far. */
function events(): Event[] {
  if (!existsSync(join(base, 'report'))) return [];
  const lines = readFileSync(join(base, 'report'), 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Event);
}

/** The last address that each card reported. */
const addresses = (): Record<string, string> =>
  Object.fromEntries(events().flatMap(({ event, device = '', address = '' }) => (event === 'uplink' ? [[device, address]] : [])));

/** The cards have these addresses within `seconds` of the test's clock. */
async function become(expected: Record<string, string>, seconds: number): Promise<void> {
  for (const end = performance.now() + seconds * 1000; !isDeepStrictEqual(addresses(), expected); await pause(100))
    if (performance.now() > end) throw new Error(`not within ${seconds} s: ${JSON.stringify(expected)}; ${readFileSync(join(base, 'report'), 'utf8')}`);
}

/** Commands of QEMU's monitor (QMP), in order. */
async function command(...commands: { execute: string; arguments?: object }[]): Promise<void> {
  monitor ??= createConnection(join(base, 'qmp')).on('error', () => undefined);
  let answers = '';
  const take = (data: Buffer): void => void (answers += data.toString());
  monitor.on('data', take);
  for (const one of commands) {
    answers = '';
    monitor.write(`${JSON.stringify(one)}\n`);
    while (!/^\{"(return|error)"/m.test(answers)) await pause(20);
    expect(answers).not.toMatch(/^\{"error"/m);
  }
  monitor.off('data', take);
}

const cable = (up: boolean): { execute: string; arguments: object } => ({ execute: 'set_link', arguments: { name: 'card', up } });

const moveCable = (from: string, to: string): { execute: string; arguments: object }[] => [
  { execute: 'netdev_del', arguments: { id: `plug-${from}` } },
  { execute: 'netdev_add', arguments: { type: 'hubport', id: `plug-${to}`, hubid: 0, netdev: to } },
];

it('both cards have a lease; the address of one follows its cable: out, into another network, and back', async () => {
  const network = (id: string, net: string): string[] => ['-netdev', `user,id=${id},net=${net}`];
  start('words', [
    ...[...network('first', '192.0.2.0/24'), ...network('other', '198.51.100.0/24'), ...network('second', '203.0.113.0/24')],
    ...['-netdev', 'hubport,id=plug-first,hubid=0,netdev=first', '-netdev', 'hubport,id=socket,hubid=0'],
    ...['-device', 'virtio-net-pci,netdev=socket,id=card,romfile=', '-device', 'e1000,netdev=second,romfile='],
  ]);
  await become({ eth0: '192.0.2.15/24', eth1: '203.0.113.15/24' }, 240);
  await command({ execute: 'qmp_capabilities' }, cable(false));
  await become({ eth0: '', eth1: '203.0.113.15/24' }, 60);
  await command(...moveCable('first', 'other'), cable(true));
  await become({ eth0: '198.51.100.15/24', eth1: '203.0.113.15/24' }, 60);
  await command(cable(false), ...moveCable('other', 'first'), cable(true));
  await become({ eth0: '192.0.2.15/24', eth1: '203.0.113.15/24' }, 60);
}, 600_000);

/** Time leaps while the guest has nothing to do; its uptime counts the waits. */
const LEAPING = ['-icount', 'shift=0,sleep=off'];

it('without a card nobody waits for one, and the message of the day says that there is none', async () => {
  start('26-names,38-uplink', [...LEAPING, '-nic', 'none']);
  await qemu;
  expect(readFileSync(join(base, 'console'), 'utf8')).toMatch(/^ {2}uplink {11}no network card/m);
  const [tests, done] = ['tests', 'done'].map((name) => events().find(({ event }) => event === name)?.uptime ?? NaN);
  // A container that the suite brings along may take its ten seconds to end; a wait for a lease is twice as long.
  expect((done ?? NaN) - (tests ?? NaN)).toBeLessThan(18);
}, 600_000);
