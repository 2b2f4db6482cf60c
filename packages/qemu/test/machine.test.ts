import { describe, expect, it } from 'vitest';
import { qemuArgv, type Boot, type Machine } from '../src/guest/machine.ts';

const MACHINE: Machine = {
  boot: 'direct',
  accelerator: 'tcg',
  memory: 256,
  artifacts: { iso: '/d/demo-os.iso', kernel: '/d/kernel/vmlinux', initramfs: '/d/initramfs/initramfs.img' },
  cmdline: 'console=ttyS0 panic=-1',
  console: 'stdout',
};

/** Flag and value on one line. */
const lines = (machine: Partial<Machine>): string[] =>
  qemuArgv({ ...MACHINE, ...machine })
    .join(' ')
    .split(/ (?=-)/);
/** What a boot has that a direct boot of an image without an ISO has not. */
const medium = (boot: Boot): string[] => {
  const { kernel, initramfs } = MACHINE.artifacts;
  return lines({ boot }).filter((line) => !lines({ artifacts: { kernel, initramfs } }).includes(line));
};

describe("QEMU's command line", () => {
  it('has disks beside the boot medium, in their order', () => {
    expect(lines({ disks: ['/scratch/a', '/scratch/b'] }).slice(-4)).toEqual([
      '-drive if=none,id=disk0,format=raw,file=/scratch/a',
      '-device virtio-blk-pci,drive=disk0',
      '-drive if=none,id=disk1,format=raw,file=/scratch/b',
      '-device virtio-blk-pci,drive=disk1',
    ]);
  });

  it('has a clock that counts instructions only under emulation', () => {
    expect(lines({ countsInstructions: true })).toContain('-icount shift=0');
    expect(lines({ countsInstructions: true, accelerator: 'kvm' }).join(' ')).not.toContain('-icount');
    expect(lines({}).join(' ')).not.toContain('-icount');
  });

  it('has the processor of a budget unless another is asked for, by features that emulation has', () => {
    const cpu = (machine: Partial<Machine>): string | undefined => lines(machine).find((line) => line.startsWith('-cpu '));
    expect(cpu({})).toBe('-cpu qemu64,+rdrand');
    expect(cpu({ cpu: 'x86-64-v2' })).toBe('-cpu qemu64,+rdrand,+cx16,+lahf_lm,+popcnt,+ssse3,+sse4.1,+sse4.2');
    expect(cpu({ cpu: 'x86-64-v3' })).toMatch(/sse4.2,.*[+]avx2,/);
    expect(lines({ processors: 2 })).toContain('-smp 2');
  });

  it('has what the guest needs and nothing else', () => {
    expect(lines({ report: '/logs/direct.report.jsonl', server: '/scratch/server' })).toMatchInlineSnapshot(`
      [
        "qemu-system-x86_64",
        "-machine q35,accel=tcg,sata=off,hpet=off",
        "-cpu qemu64,+rdrand",
        "-m 256",
        "-nodefaults",
        "-no-user-config",
        "-no-reboot",
        "-display none",
        "-serial stdio",
        "-device virtio-rng-pci",
        "-netdev user,id=uplink,guestfwd=tcp:10.0.2.100:80-cmd:/bin/sh '/scratch/server'",
        "-device virtio-net-pci,netdev=uplink,romfile=",
        "-device virtio-serial-pci",
        "-chardev file,id=report,path=/logs/direct.report.jsonl",
        "-device virtserialport,chardev=report,name=org.container-os.report",
        "-kernel /d/kernel/vmlinux",
        "-initrd /d/initramfs/initramfs.img",
        "-append console=ttyS0 panic=-1 nolapic_timer",
        "-drive if=none,id=medium,format=raw,readonly=on,file=/d/demo-os.iso",
        "-device virtio-blk-pci,drive=medium",
      ]
    `);
  });

  it.each([
    ['direct', ['-drive if=none,id=medium,format=raw,readonly=on,file=/d/demo-os.iso', '-device virtio-blk-pci,drive=medium']],
    ['iso-bios', ['-machine q35,accel=tcg', '-drive if=none,id=medium,format=raw,readonly=on,file=/d/demo-os.iso', '-device ide-cd,drive=medium,bootindex=0']],
    [
      'usb-bios',
      [
        '-machine q35,accel=tcg',
        '-drive if=none,id=medium,format=raw,readonly=on,file=/d/demo-os.iso',
        '-device qemu-xhci',
        '-device usb-storage,drive=medium,bootindex=0',
      ],
    ],
  ] as const)('gives the ISO as %s boots it', (boot, argv) => {
    expect(medium(boot)).toEqual(argv);
  });

  it('has the timers of a real machine where KVM gives them', () => {
    const changed = lines({ accelerator: 'kvm' }).filter((line) => !lines({}).includes(line));
    expect(changed).toEqual(['-machine q35,accel=kvm,sata=off', '-append console=ttyS0 panic=-1']);
  });

  it.each(['iso', 'usb'] as const)('adds the UEFI firmware, read-only, for %s-uefi', (how) => {
    const added = medium(`${how}-uefi`).filter((line) => !medium(`${how}-bios`).includes(line));
    expect(added).toEqual(['-drive if=pflash,format=raw,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.fd']);
  });

  it('leaves Ctrl-C to an interactive guest and forwards ports of the loopback only', () => {
    const added = lines({ console: 'interactive', forward: ['8080:80', '2222:22'] }).filter((line) => !lines({}).includes(line));
    expect(added).toMatchInlineSnapshot(`
      [
        "-chardev stdio,id=console,mux=on,signal=off",
        "-serial chardev:console",
        "-mon chardev=console",
        "-netdev user,id=uplink,hostfwd=tcp:127.0.0.1:8080-:80,hostfwd=tcp:127.0.0.1:2222-:22",
      ]
    `);
  });

  it('survives a comma and an apostrophe in a path', () => {
    const argv = qemuArgv({ ...MACHINE, boot: 'iso-bios', artifacts: { ...MACHINE.artifacts, iso: "/a,b/it's.iso" }, server: "/a,b/it's" });
    expect(argv).toContain("if=none,id=medium,format=raw,readonly=on,file=/a,,b/it's.iso");
    expect(argv).toContain("user,id=uplink,guestfwd=tcp:10.0.2.100:80-cmd:/bin/sh '/a,,b/it'\\''s'");
  });
});
