import { shellQuote } from '@container-os/core';
import type { QemuTestOptions } from '../qemu-test/schema.d.ts';

/** A way to start an image; see the schemas' `boot`. */
export type Boot = QemuTestOptions['boot'];

export type Accelerator = 'kvm' | 'tcg';

/** A level of the x86-64 psABI, https://gitlab.com/x86-psABIs/x86-64-ABI. */
export type Cpu = QemuTestOptions['cpu'];

/** What an image consists of. Absolute paths. */
export interface Artifacts {
  /** Not needed for a direct boot of an image that has everything in its initramfs. */
  iso?: string;
  /** vmlinux with a PVH note, which QEMU starts without a boot loader. */
  kernel: string;
  initramfs: string;
}

/** Everything a QEMU command line depends on. Paths are absolute. */
export interface Machine extends GuestIo {
  boot: Boot;
  accelerator: Accelerator;
  /**
   * Whether the emulated processor's instructions are the guest's clock: a nanosecond each, so that its time limits hold however little
   * of this machine the guest gets. Idle time passes as usual: what the guest waits for on this machine takes no less.
   * Source: QEMU docs/devel/tcg-icount.rst. KVM has no such clock.
   */
  countsInstructions?: boolean;
  /** MiB. */
  memory: number;
  /** Default: one. */
  processors?: number;
  /** Default: the least that every processor has, which figures of a budget are measured with. */
  cpu?: Cpu;
  artifacts: Artifacts;
  /** Kernel command line of a direct boot; the ISO has a command line of its own. */
  cmdline: string;
  /** `interactive` shares the terminal between console and QEMU's monitor, and leaves Ctrl-C to the guest. */
  console: 'stdout' | 'interactive';
  /** Descriptor of a socket on which the guest is told the size of the window that shows the console; a serial line does not carry it. */
  window?: number;
  /** Files that the guest gets as secrets, by name. */
  secrets?: Readonly<Record<string, string>>;
  /** Raw images of disks besides the boot medium. */
  disks?: readonly string[];
}

/** Channels between the guest and this machine. Paths are absolute. */
export interface GuestIo {
  /** File for the guest's report. Without it the guest has no report port. */
  report?: string;
  /** Script that answers each connection of the guest to 10.0.2.100:80 on standard input and output, like a server of inetd. */
  server?: string;
  /** File for QEMU's process id. */
  pidFile?: string;
  /** `HOST:GUEST` TCP ports. */
  forward?: readonly string[];
}

/**
 * Kernel command line of a direct boot: all kernel messages, for failed boots; per-CPU memory allocated as on the ISO
 * (README of iso); disks probed while the rest of the kernel starts; no test whether the virtual machine's timer
 * interrupt works. Source: Linux Documentation/admin-guide/kernel-parameters.txt.
 */
export const DIRECT_CMDLINE = 'console=ttyS0,115200 panic=-1 percpu_alloc=page driver_async_probe=virtio_blk no_timer_check';

/**
 * For an emulated processor: the frequency of its local APIC timer is unknown, and the kernel would measure it for 0.1 s. The PIT is as
 * good; the HPET, which Linux prefers, is not: with it all containers of demo-os run 0.1 s later.
 */
const EMULATED_CMDLINE = 'nolapic_timer';

/** Every x86-64 processor since 2012 has RDRAND; without it the kernel has no entropy at first, and random numbers are slow. */
export const CPU = 'qemu64,+rdrand';

const V2 = `${CPU},+cx16,+lahf_lm,+popcnt,+ssse3,+sse4.1,+sse4.2`;

/**
 * By features: QEMU's models, such as Haswell, have others that emulation lacks, and warn of each. With xsave, but without xsaveopt and xgetbv1,
 * Linux 6.12 hangs before it has an allocator (QEMU 7.2).
 */
const CPUS: Record<Cpu, string> = {
  'x86-64': CPU,
  'x86-64-v2': V2,
  'x86-64-v3': `${V2},+xsave,+xsaveopt,+xgetbv1,+avx,+avx2,+bmi1,+bmi2,+f16c,+fma,+abm,+movbe`,
};

export const OVMF = '/usr/share/OVMF/OVMF_CODE_4M.fd';

/** QEMU's command line: q35 with virtio devices and the boot medium, nothing else; a reboot ends QEMU. */
export function qemuArgv(machine: Machine): [string, ...string[]] {
  const { boot, accelerator, memory, processors = 1, cpu = 'x86-64', countsInstructions } = machine;
  return [
    'qemu-system-x86_64',
    // A direct boot has nothing on SATA, whose ports would take 0.1 s to probe.
    ...[
      '-machine',
      `q35,accel=${accelerator}${boot === 'direct' ? `,sata=off${accelerator === 'tcg' ? ',hpet=off' : ''}` : ''}`,
      '-cpu',
      CPUS[cpu],
      '-m',
      String(memory),
      ...(processors === 1 ? [] : ['-smp', String(processors)]),
    ],
    ...['-nodefaults', '-no-user-config', '-no-reboot', '-display', 'none'],
    ...(countsInstructions && accelerator === 'tcg' ? ['-icount', 'shift=0'] : []),
    ...consoleArgv(machine),
    ...['-device', 'virtio-rng-pci'],
    ...['-netdev', uplink(machine), '-device', 'virtio-net-pci,netdev=uplink,romfile='],
    ...reportArgv(machine),
    ...windowArgv(machine),
    ...(boot.endsWith('-uefi') ? ['-drive', `if=pflash,format=raw,readonly=on,file=${OVMF}`] : []),
    ...Object.entries(machine.secrets ?? {}).flatMap(([name, file]) => ['-fw_cfg', `name=opt/org.container-os/secrets/${value(name)},file=${value(file)}`]),
    ...mediumArgv(machine),
    ...(machine.disks ?? []).flatMap((file, index) => [
      '-drive',
      `if=none,id=disk${index},format=raw,file=${value(file)}`,
      '-device',
      `virtio-blk-pci,drive=disk${index}`,
    ]),
  ];
}

/**
 * `argv` under timeout(1), which ends QEMU some time after `limit` seconds even if the build, which would end it
 * sooner, was killed.
 */
export function bounded(argv: readonly string[], limit: number): [string, ...string[]] {
  return ['timeout', '--kill-after=5', String(limit + 10), ...argv];
}

function consoleArgv({ console: kind }: Machine): string[] {
  if (kind === 'stdout') return ['-serial', 'stdio'];
  return ['-chardev', 'stdio,id=console,mux=on,signal=off', '-serial', 'chardev:console', '-mon', 'chardev=console'];
}

/** Arguments for the report port and the file with QEMU's process id. */
export function reportArgv({ report, pidFile }: GuestIo): string[] {
  return [
    ...(report
      ? [
          '-device',
          'virtio-serial-pci',
          '-chardev',
          `file,id=report,path=${value(report)}`,
          '-device',
          'virtserialport,chardev=report,name=org.container-os.report',
        ]
      : []),
    ...(pidFile ? ['-pidfile', pidFile] : []),
  ];
}

/** A port that the OS reads (packages/system, window). */
function windowArgv({ window }: Machine): string[] {
  if (window === undefined) return [];
  return [
    ...['-device', 'virtio-serial-pci', '-chardev', `socket,id=window,fd=${window}`],
    ...['-device', 'virtserialport,chardev=window,name=org.container-os.window'],
  ];
}

/** The value of `-netdev` for the guest's first card, `uplink`. */
export function uplink({ server, forward = [] }: GuestIo): string {
  const inward = forward.map((ports) => `,hostfwd=tcp:127.0.0.1:${ports.replace(':', '-:')}`).join('');
  // QEMU starts the command for each connection, and splits it like a shell.
  const outward = server ? `,guestfwd=tcp:10.0.2.100:80-cmd:/bin/sh ${shellQuote(value(server))}` : '';
  return `user,id=uplink${inward}${outward}`;
}

function mediumArgv({ boot, accelerator, artifacts: { iso, kernel, initramfs }, cmdline }: Machine): string[] {
  const drive = `if=none,id=medium,format=raw,readonly=on,file=${value(iso ?? '')}`;
  switch (boot) {
    case 'direct':
      return [
        '-kernel',
        kernel,
        '-initrd',
        initramfs,
        '-append',
        accelerator === 'tcg' ? `${cmdline} ${EMULATED_CMDLINE}` : cmdline,
        ...(iso ? ['-drive', drive, '-device', 'virtio-blk-pci,drive=medium'] : []),
      ];
    case 'iso-bios':
    case 'iso-uefi':
      return ['-drive', drive, '-device', 'ide-cd,drive=medium,bootindex=0'];
    case 'usb-bios':
    case 'usb-uefi':
      return ['-drive', drive, '-device', 'qemu-xhci', '-device', 'usb-storage,drive=medium,bootindex=0'];
  }
}

/** Escapes the value of a QEMU option: a single comma would end it. */
export function value(text: string): string {
  return text.replaceAll(',', ',,');
}
