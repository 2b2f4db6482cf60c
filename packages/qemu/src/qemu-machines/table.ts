import type { Failure } from '../verdict/classify.ts';
import { CARDS, CONTROLLERS, kindOf, type Card, type Controller, type Storage } from './devices.ts';
import { pairwise } from './pairwise.ts';

/** A machine to boot the ISO on. */
export interface MachineRow extends Storage {
  name: string;
  firmware: 'bios' | 'uefi';
  network: 'none' | Card;
  cpus: number;
  /** MiB. */
  memory: number;
  /** More arguments for QEMU. */
  extra?: string[];
  /** The machine must not boot, but fail with this code and show this text on its console. */
  fails?: { code: Failure['code']; says: string };
}

/** MiB with which demo-os boots on one processor and with which it fails, by firmware. README of qemu, "Least memory". */
const MEMORY = {
  bios: { least: 56, tooLittle: 52, fails: { code: 'CONTAINER_FAILED', says: 'not enough memory for the allocation' } },
  uefi: { least: 136, tooLittle: 128, fails: { code: 'BOOT_TIMEOUT', says: 'error: out of memory' } },
} as const;

/** Machines that people use, as closely as QEMU's device models allow. */
const KNOWN: MachineRow[] = [
  { name: 'proxmox', type: 'pc', firmware: 'bios', controller: 'ide', form: 'cd', network: 'virtio-net-pci', disk: 'virtio-scsi', cpus: 2, memory: 1024 },
  {
    name: 'virt-manager',
    type: 'q35',
    firmware: 'uefi',
    controller: 'ahci',
    form: 'cd',
    network: 'virtio-net-pci',
    disk: 'virtio-blk',
    cpus: 2,
    memory: 1024,
    extra: ['-device', 'virtio-rng-pci', '-device', 'qemu-xhci', '-device', 'usb-tablet', '-vga', 'virtio'],
  },
  {
    name: 'virtualbox',
    type: 'pc',
    firmware: 'bios',
    controller: 'ide',
    form: 'cd',
    network: 'e1000',
    disk: 'ahci',
    cpus: 1,
    memory: 1024,
    extra: ['-vga', 'vmware', '-device', 'pci-ohci', '-device', 'usb-tablet'],
  },
  {
    name: 'vmware',
    type: 'pc',
    firmware: 'uefi',
    controller: 'ahci',
    form: 'cd',
    network: 'vmxnet3',
    disk: 'pvscsi',
    cpus: 2,
    memory: 1024,
    extra: ['-vga', 'vmware'],
  },
  {
    name: 'vmware-bios',
    type: 'pc',
    firmware: 'bios',
    controller: 'ide',
    form: 'cd',
    network: 'e1000',
    disk: 'mptsas',
    cpus: 1,
    memory: 512,
    extra: ['-vga', 'vmware'],
  },
  {
    name: 'cloud-virtio-scsi',
    type: 'q35',
    firmware: 'uefi',
    controller: 'virtio-scsi',
    form: 'disk',
    network: 'virtio-net-pci',
    disk: 'same',
    cpus: 8,
    memory: 4096,
    extra: ['-device', 'virtio-rng-pci', '-vga', 'none'],
  },
  {
    name: 'cloud-virtio-blk',
    type: 'pc',
    firmware: 'bios',
    controller: 'virtio-blk',
    form: 'disk',
    network: 'virtio-net-pci',
    disk: 'same',
    cpus: 1,
    memory: 256,
    extra: ['-vga', 'cirrus'],
  },
  { name: 'nvme-uefi', type: 'q35', firmware: 'uefi', controller: 'nvme', form: 'disk', network: 'e1000e', disk: 'same', cpus: 2, memory: 1024 },
  { name: 'usb-stick', type: 'q35', firmware: 'bios', controller: 'ehci', form: 'disk', network: 'rtl8139', disk: 'ahci', cpus: 2, memory: 1024 },
  {
    name: 'no-driver',
    type: 'pc',
    firmware: 'bios',
    controller: 'megasas',
    form: 'disk',
    network: 'none',
    disk: 'none',
    cpus: 1,
    memory: 256,
    fails: { code: 'INIT_FAILED', says: 'needs CONFIG_MEGARAID_SAS' },
  },
  { name: 'lsi-8-processors', type: 'pc', firmware: 'bios', controller: 'lsi', form: 'disk', network: 'pcnet', disk: 'same', cpus: 8, memory: 512 },
];

const LEAST_MEMORY: MachineRow[] = (['bios', 'uefi'] as const).flatMap((firmware) => {
  const machine = { type: 'q35', firmware, controller: 'ahci', form: 'cd', network: 'virtio-net-pci', disk: 'virtio-blk', cpus: 1 } as const;
  return [
    { ...machine, name: `${firmware}-least-memory`, memory: MEMORY[firmware].least },
    { ...machine, name: `${firmware}-too-little-memory`, memory: MEMORY[firmware].tooLittle, fails: MEMORY[firmware].fails },
  ];
});

const CHOICES = {
  type: ['pc', 'q35'],
  firmware: ['bios', 'uefi'],
  controller: Object.keys(CONTROLLERS) as Controller[],
  form: ['cd', 'disk'],
  network: ['none', ...CARDS],
  disk: ['none', 'same', 'virtio-blk'],
  cpus: [1, 2, 8],
  memory: [256, 1024, 4096],
} as const;

type Factor = keyof typeof CHOICES;
type Candidate = Pick<MachineRow, Factor>;

const FACTORS = Object.keys(CHOICES) as Factor[];

/** The reason why the combination is impossible or not tested; undefined if it is tested. */
export function impossible({ type, firmware, controller, form, disk }: Candidate): string | undefined {
  if (controller === 'ide' && type === 'q35') return 'a q35 has no IDE controller: its CD drives are on AHCI';
  if (form === 'cd' && !('cd' in CONTROLLERS[controller])) return `${controller} has no CD drives`;
  if (firmware === 'bios' && form === 'cd' && controller === 'uhci')
    return 'SeaBIOS reads a CD at an emulated UHCI with 28 kB a second or less: 4 to 20 minutes for the kernel';
  if (disk === controller) return 'the disk is `same`';
  if (controller === 'megasas') return 'the kernel has no driver for megasas; the machine no-driver tests the message';
  if (firmware === 'uefi' && ['ohci', 'lsi', 'mptsas', 'pvscsi'].includes(controller)) return `OVMF has no driver for ${controller}`;
  return undefined;
}

export function candidates(): Candidate[] {
  let all: Partial<Candidate>[] = [{}];
  for (const factor of FACTORS) all = all.flatMap((one) => CHOICES[factor].map((choice) => ({ ...one, [factor]: choice })));
  return (all as Candidate[]).filter((one) => impossible(one) === undefined);
}

/** All pairs of a machine's choices. The pair with the network card has the kind of controller instead of the controller. */
export function pairsOf(machine: Candidate): string[] {
  return FACTORS.flatMap((one, index) =>
    FACTORS.slice(index + 1).map((other) => {
      const first = one === 'controller' && other === 'network' ? kindOf(machine.controller) : machine[one];
      return `${one} ${first}, ${other} ${machine[other]}`;
    }),
  );
}

function nameOf({ type, firmware, controller, form, network, disk, cpus, memory }: Candidate): string {
  return [type, firmware, controller, form, network.replace('-pci', ''), disk, `${cpus}x${memory}`].join('-');
}

/** All machines: the named ones, and as many more as it takes until every possible pair of choices is on a machine. */
export function machineTable(): MachineRow[] {
  const named = [...KNOWN, ...LEAST_MEMORY];
  const booting = named.filter(({ fails }) => fails === undefined);
  return [...named, ...pairwise(candidates(), pairsOf, booting).map((machine) => ({ name: nameOf(machine), ...machine }))];
}
