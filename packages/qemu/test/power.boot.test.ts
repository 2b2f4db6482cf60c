// Asks a running demo-os to stop as a hypervisor does, through QEMU's monitor protocol (QMP). Needs a built demo-os.
import { builtArtifact } from '@container-os/core/testing';
import { fileEntry, symlinkEntry, type Entry } from '@container-os/cpio';
import { readLayer } from '@container-os/cpio/fs';
import { execa } from 'execa';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bounded, DIRECT_CMDLINE, qemuArgv, type Machine } from '../src/guest/machine.ts';
import { blankDisk } from '../src/guest/blank-disk.ts';
import { demoOs, KERNEL, prepareWorkspace } from './guests.ts';

let workspace: string;

beforeEach(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'power-'));
});
afterEach(() => rm(workspace, { recursive: true }));

const CONTAINERS = ['client', 'counter', 'shell', 'web'];

const BUTTON = { execute: 'system_powerdown' };
const CTRL_ALT_DEL = { execute: 'send-key', arguments: { keys: ['ctrl', 'alt', 'delete'].map((data) => ({ type: 'qcode', data })) } };

/** The OS without its self-test, which stops containers too. */
function untested(changes: readonly Entry[] = []): Promise<Entry[]> {
  return demoOs([...changes, fileEntry('usr/lib/container-os/self-test', '#!/bin/sh\nexec sleep 600\n', 0o755)]);
}

/** The OS with runc in place of crun. */
async function withRunc(): Promise<Entry[]> {
  return untested([...(await readLayer(builtArtifact('runc/layer.cpio'))), symlinkEntry('usr/lib/container-os/oci-runtime', '/usr/sbin/runc')]);
}

interface End {
  /** Why QEMU ended, as its event SHUTDOWN says. */
  reason: string;
  /** Containers in the order in which they were stopped. */
  stopped: string[];
  /** The shutdown was complete. */
  clean: boolean;
}

/**
 * Boots the OS (the ISO if there is no `root`), sends `commands` when all containers run, or when the console shows `shown`, and waits for
 * its end.
 */
async function ask(root: Entry[] | undefined, commands: readonly object[], shown?: string): Promise<End> {
  const [report, socket] = [join(workspace, 'report'), join(workspace, 'qmp')];
  await writeFile(report, '');
  if (root) await prepareWorkspace(workspace, root);
  const disks = [await blankDisk(join(workspace, 'disk'), 64)];
  const artifacts = { kernel: KERNEL, initramfs: join(workspace, 'dist/os-images/demo-os/initramfs/initramfs.img') };
  const machine: Machine = {
    boot: root ? 'direct' : 'iso-bios',
    accelerator: 'tcg',
    memory: 256,
    artifacts: root ? artifacts : { ...artifacts, iso: builtArtifact('demo-os.iso') },
    cmdline: DIRECT_CMDLINE,
    disks,
    console: 'stdout',
    ...(shown === undefined ? { report } : {}),
  };
  const [program, ...args] = bounded([...qemuArgv(machine), '-qmp', `unix:${socket},server=on,wait=off`], 200);
  const guest = execa(program, args, { reject: false });
  let written = '';
  guest.stdout.on('data', (data: Buffer) => (written += data.toString()));
  const events = async (): Promise<{ event: string; name: string; status: string }[]> =>
    (await readFile(report, 'utf8'))
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as never);
  const running = async (): Promise<string[]> => (await events()).filter(({ status }) => status === 'running').map(({ name }) => name);
  const ready = async (): Promise<boolean> => (shown === undefined ? new Set(await running()).size === CONTAINERS.length : written.includes(shown));
  await expect.poll(ready, { timeout: 150_000, interval: 200 }).toBe(true);
  const qmp = createConnection(socket);
  const reasons: string[] = [];
  createInterface({ input: qmp }).on('line', (line) => {
    const { event, data } = JSON.parse(line) as { event?: string; data: { reason: string } };
    if (event === 'SHUTDOWN') reasons.push(data.reason);
  });
  const send = (list: object[]): void => list.forEach((command) => void qmp.write(`${JSON.stringify(command)}\n`));
  qmp.on('error', () => undefined); // the guest has ended
  send([{ execute: 'qmp_capabilities' }, ...commands]);
  // A press before the OS listens is lost: a person presses again.
  const again = setInterval(() => send(commands), 10_000);
  await guest;
  clearInterval(again);
  const all = await events();
  return {
    reason: reasons.join(),
    stopped: all.filter(({ event, status }) => event === 'container' && status === 'stopped').map(({ name }) => name),
    clean: all.some(({ event }) => event === 'poweroff'),
  };
}

describe.each<[string, () => Promise<Entry[] | undefined>]>([
  ['crun', () => untested()],
  ['runc', withRunc],
  ['the ISO', () => Promise.resolve(undefined)],
])('demo-os with %s', (_, root) => {
  it.each<[string, object[], string]>([
    ['powers off at the power button', [BUTTON, BUTTON], 'guest-shutdown'],
    ['restarts at Ctrl-Alt-Del', [CTRL_ALT_DEL], 'guest-reset'],
  ])('stops its containers in order and %s', async (__, commands, reason) => {
    const end = await ask(await root(), commands);
    expect(end).toMatchObject({ reason, clean: true });
    expect([...new Set(end.stopped)].sort()).toEqual(CONTAINERS);
    expect(end.stopped.indexOf('client')).toBeLessThan(end.stopped.indexOf('web'));
  });
});

it.each<[string, object[], string]>([
  ['powers off at the power button', [BUTTON], 'guest-shutdown'],
  ['restarts at Ctrl-Alt-Del', [CTRL_ALT_DEL], 'guest-reset'],
])('the emergency shell %s too', async (_, commands, reason) => {
  const broken = fileEntry('etc/boot.d/45-broken.sh', '#!/bin/sh\nexit 3\n', 0o755);
  expect(await ask(await demoOs([broken]), commands, 'emergency shell')).toMatchObject({ reason });
});
