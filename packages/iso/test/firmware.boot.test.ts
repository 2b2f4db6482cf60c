// Boots the real kernel with a tiny payload, through both firmwares, as a CD and as a USB stick. Needs
// base-vm:kernel and base-vm:busybox, from CONTAINER_OS_ARTIFACTS (default: dist).
import { builtArtifact } from '@container-os/core/testing';
import { fileEntry, merge } from '@container-os/cpio';
import { readLayer, writeLayer } from '@container-os/cpio/fs';
import { execa } from 'execa';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildIso, isoOf } from './workspace.ts';

const INIT = `#!/bin/busybox sh
/bin/busybox mkdir -p /proc /dev
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t devtmpfs dev /dev
for port in /dev/vport* /dev/console; do
  [ ! -e "$port" ] || echo "payload runs: $(/bin/busybox cat /proc/cmdline)" >"$port"
done
/bin/busybox poweroff -f
`;

const MACHINE = ['-machine', 'q35', '-accel', 'tcg', '-m', '256', '-nodefaults', '-no-reboot', '-display', 'none'];
const UART = ['-serial', 'stdio'];
/** Its output comes by a port of virtio's, which is no console. Not QEMU's stdio: that hangs up at the end of standard input, and the guest would wait. */
const noUart = (output: string): string[] => [
  '-serial',
  'none',
  '-device',
  'virtio-serial-pci',
  '-chardev',
  `file,id=port,path=${output}`,
  '-device',
  'virtserialport,chardev=port',
];
const UEFI = ['-drive', 'if=pflash,format=raw,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.fd'];
const asCd = (): string[] => ['-cdrom', isoOf(root)];
const asStick = (): string[] => [
  '-device',
  'qemu-xhci',
  '-drive',
  `if=none,id=stick,format=raw,readonly=on,file=${isoOf(root)}`,
  '-device',
  'usb-storage,drive=stick',
];

let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'iso-boot-'));
  const busybox = await readLayer(builtArtifact('busybox/layer.cpio'));
  const payload = join(root, 'initramfs');
  await writeLayer(
    payload,
    merge([
      { name: 'busybox', entries: busybox },
      { name: 'init', entries: [fileEntry('init', INIT, 0o755)] },
    ]),
  );
  await buildIso(
    root,
    { bzImage: await readFile(builtArtifact('kernel/bzImage')), initramfs: await readFile(payload) },
    { cmdline: 'console=tty0 console=ttyS0 quiet panic=-1 marker="two words"' },
  );
});

afterAll(() => rm(root, { recursive: true }));

it.each([
  ['BIOS from CD', [], asCd],
  ['BIOS from a USB stick', [], asStick],
  ['UEFI from CD', UEFI, asCd],
  ['UEFI from a USB stick', UEFI, asStick],
])('starts the payload with %s', { timeout: 120_000 }, async (_name, firmware, medium) => {
  const { stdout } = await execa('qemu-system-x86_64', [...MACHINE, ...UART, ...firmware, ...medium()], { timeout: 110_000, stdin: 'ignore' });
  expect(stdout).toContain('payload runs: BOOT_IMAGE=/boot/bzImage console=tty0 console=ttyS0 quiet panic=-1 "marker=two words"');
});

it.each([
  ['BIOS', []],
  ['UEFI', UEFI],
])('gives the kernel no serial console on a machine with %s that has no such port', { timeout: 120_000 }, async (_name, firmware) => {
  const output = join(root, 'port');
  await execa('qemu-system-x86_64', [...MACHINE, ...noUart(output), ...firmware, ...asCd()], { timeout: 110_000, stdin: 'ignore' });
  expect(await readFile(output, 'utf8')).toContain('payload runs: BOOT_IMAGE=/boot/bzImage console=tty0 quiet panic=-1 "marker=two words"');
});
