// Boots the early init on the real kernel, with a root of BusyBox on media of every kind. Needs base-vm:kernel and
// base-vm:busybox, from CONTAINER_OS_ARTIFACTS (default: dist).
import { builtArtifact } from '@container-os/core/testing';
import { bytesOf, encode, fileEntry, toTree, type Entry } from '@container-os/cpio';
import { readLayer } from '@container-os/cpio/fs';
import { execa } from 'execa';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileArgv } from '../src/musl.ts';
import { earlyRoot } from '../src/early-init/executor.ts';

const MACHINE = ['-machine', 'q35', '-accel', 'tcg', '-m', '128', '-nodefaults', '-no-user-config', '-no-reboot', '-display', 'none', '-serial', 'stdio'];

/** The end of what the early init says. */
const FINAL = 'or at a key.';

let base: string;
let early: Entry[];

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'early-init-'));
  const source = fileURLToPath(new URL('../src/early-init/early-init.c', import.meta.url));
  const [compiler, ...args] = compileArgv(source, join(base, 'init'));
  await execa(compiler, args);
  const table = (await readLayer(builtArtifact('early-init/layer.cpio'))).find(({ path }) => path === 'pci-drivers');
  early = earlyRoot(await readFile(join(base, 'init')), Buffer.from(table?.type === 'file' ? bytesOf(table.data) : '').toString());
});

afterAll(() => rm(base, { recursive: true }));

/** A squashfs whose init says `word`, how it was mounted and what is left of the initramfs. */
async function squashfs(word: string): Promise<string> {
  const root = join(base, `${word}.root`);
  const busybox = (await readLayer(builtArtifact('busybox/layer.cpio'))).find(({ path }) => path === 'bin/busybox');
  for (const path of ['bin', 'sbin', 'proc', 'dev']) await mkdir(join(root, path), { recursive: true });
  await writeFile(join(root, 'bin/busybox'), busybox?.type === 'file' ? bytesOf(busybox.data) : '', { mode: 0o755 });
  const script = `#!/bin/busybox sh\n/bin/busybox mount -t proc proc /proc\necho "root ${word} is process $$; $(/bin/busybox head -n 1 /proc/mounts)"\n/bin/busybox poweroff -f\n`;
  await writeFile(join(root, 'sbin/init'), script, { mode: 0o755 });
  await execa('mksquashfs', [root, join(base, `${word}.squashfs`), '-comp', 'zstd', '-noappend', '-quiet', '-no-progress']);
  return join(base, `${word}.squashfs`);
}

/** An ISO with these files, each the content of a file on disk. */
async function iso(name: string, files: Record<string, string>): Promise<string> {
  const list = Object.entries(files).map(([path, file]) => `${path}=${file}`);
  await execa('xorriso', ['-no_rc', '-as', 'mkisofs', '-quiet', '-rational-rock', '-graft-points', '-output', join(base, `${name}.iso`), ...list]);
  return join(base, `${name}.iso`);
}

interface Setup {
  /** Files of virtio disks, in order. */
  disks?: string[];
  /** More of QEMU's arguments. */
  devices?: string[];
  cmdline?: string;
  initramfs?: Entry[];
  /** Press a key when the early init asks for one. Default: true. */
  key?: boolean;
}

/** What the console shows until the machine goes off, or starts again. */
async function console({ disks = [], devices = [], cmdline = '', initramfs = [], key = true }: Setup): Promise<string> {
  await writeFile(join(base, 'initramfs'), Buffer.concat([...encode(toTree([...early, ...initramfs]))].map(bytesOf)));
  const drives = disks.flatMap((file, index) => [
    '-drive',
    `if=none,id=disk${index},format=raw,readonly=on,file=${file}`,
    '-device',
    `virtio-blk-pci,drive=disk${index}`,
  ]);
  const boot = ['-kernel', builtArtifact('kernel/vmlinux'), '-initrd', join(base, 'initramfs'), '-append', `console=ttyS0 quiet panic=-1 ${cmdline}`];
  const qemu = execa('qemu-system-x86_64', [...MACHINE, ...drives, ...devices, ...boot], { timeout: 240_000, stdin: 'pipe' });
  let shown = '';
  qemu.stdout.on('data', (data: Buffer) => {
    if (key && !shown.includes(FINAL) && (shown += data.toString()).includes(FINAL)) qemu.stdin.write('x');
  });
  const { stdout } = await qemu;
  return stdout;
}

const blank = async (): Promise<string> => {
  await writeFile(join(base, 'blank'), Buffer.alloc(1 << 20));
  return join(base, 'blank');
};

const runs = (word: string): RegExp => new RegExp(`root ${word} is process 1; /dev/loop0 / squashfs ro,`);

describe('the root file system comes from', () => {
  it('the first disk that has one, whatever else is there', async () => {
    const medium = await iso('first', { 'boot/rootfs.squashfs': await squashfs('first') });
    expect(await console({ disks: [await blank(), medium] })).toMatch(runs('first'));
  });

  it('the medium that the command line names by a file, not another with the same image', async () => {
    const id = await blank();
    const other = await iso('other', { 'boot/rootfs.squashfs': await squashfs('other'), '.disk/id/1': id });
    const own = await iso('own', { 'boot/rootfs.squashfs': await squashfs('own'), '.disk/id/2': id });
    expect(await console({ disks: [other, own], cmdline: 'container-os.medium=/.disk/id/2' })).toMatch(runs('own'));
  });

  it('a USB stick, which appears after the early init has started', async () => {
    const medium = await iso('stick', { 'boot/rootfs.squashfs': await squashfs('stick') });
    const devices = ['-drive', `if=none,id=stick,format=raw,readonly=on,file=${medium}`, '-device', 'qemu-xhci', '-device', 'usb-storage,drive=stick'];
    expect(await console({ devices })).toMatch(runs('stick'));
  });

  it('the initramfs itself, when it is there', async () => {
    const image = fileEntry('rootfs.squashfs', await readFile(await squashfs('network')));
    expect(await console({ initramfs: [image] })).toMatch(runs('network'));
  });
});

/** Time leaps while the guest has nothing to do: half a minute without a medium takes seconds. */
const LEAPING = ['-icount', 'shift=0,sleep=off'];

describe('says, and starts the machine again at a key,', () => {
  it('what was looked for and what was found, when there is no medium', async () => {
    const other = await iso('empty', { readme: await blank() });
    const shown = await console({ disks: [await blank(), other], devices: LEAPING, cmdline: 'container-os.medium=/.disk/id/3', key: false });
    expect(shown).toContain(
      'early init: no medium with /boot/rootfs.squashfs and /.disk/id/3 after 30 s; found: vda (no ISO 9660 file system), vdb (ISO 9660 without these files)',
    );
    expect(shown).not.toContain('no driver for');
    expect(shown).not.toContain('panic');
  });

  it('once that a drive is empty, not at each look', async () => {
    const shown = await console({ devices: [...LEAPING, '-device', 'ide-cd'], key: false });
    expect(shown).toContain('found: sr0 (No medium found)');
    expect(shown).not.toContain('/dev/sr0');
  });

  it('which controllers have no driver, and the symbol of each', async () => {
    const shown = await console({ devices: [...LEAPING, '-device', 'megasas', '-device', 'sdhci-pci', '-device', 'am53c974'], key: false });
    expect(shown.replaceAll('\r', '')).toContain(`found: no disk at all
  no driver for the storage controller 1000:0060 at PCI 0000:00:01.0: needs CONFIG_MEGARAID_SAS
  no driver for the SD card controller 1b36:0007 at PCI 0000:00:02.0: needs CONFIG_MMC_SDHCI_PCI
  no driver for the storage controller 1022:2020 at PCI 0000:00:03.0: needs CONFIG_SCSI_AM53C974
The machine reboots in 60 s, or when a key is pressed.`);
  });

  it('that the image is none', async () => {
    const medium = await iso('damaged', { 'boot/rootfs.squashfs': await blank() });
    expect(await console({ disks: [medium] })).toContain('early init: cannot mount /dev/loop0 (squashfs) on /root: Invalid argument');
  });
});

it('carries at most 10 kB of drivers', () => {
  const table = early.find(({ path }) => path === 'pci-drivers');
  const text = Buffer.from(table?.type === 'file' ? bytesOf(table.data) : '').toString();
  expect(text.length).toBeLessThan(10_000);
  // Of each kind: by number, by class, of several units, and in a file that another includes.
  for (const line of [/^ATA_PIIX 8086:.*7111/m, /^SATA_AHCI .*\*\/010601/m, /^BLK_DEV_NVME .*\*\/010802/m, /^USB_UHCI_HCD \*\/0c0300$/m])
    expect(text).toMatch(line);
});
