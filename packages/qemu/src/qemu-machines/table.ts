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
  /** More for QEMU's command line. */
  extra?: string[];
  /** The machine must not boot, but fail with this, and say so on its console. */
  fails?: { code: Failure['code']; says: string };
}

/** MiB with which demo-os boots on one processor, and with which it does not, by firmware. README of qemu, "Least memory". */
const MEMORY = {
  bios: { least: 56, tooLittle: 52, fails: { code: 'CONTAINER_FAILED', says: 'not enough memory for the allocation' } },
  uefi: { least: 136, tooLittle: 128, fails: { code: 'BOOT_TIMEOUT', says: 'error: out of memory' } },
} as const;

/** A machine that people have, as near as QEMU's models of its devices come. */
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

/** Why there is no such machine; undefined where there is. */
export function impossible({ type, firmware, controller, form, disk }: Candidate): string | undefined {
  if (controller === 'ide' && type === 'q35') return 'a q35 has no IDE controller: its CD drives are on AHCI';
  if (form === 'cd' && !('cd' in CONTROLLERS[controller])) return `${controller} has no CD drives`;
  if (disk === controller) return 'that is the disk `same`';
  if (controller === 'megasas') return 'the kernel has no driver for megasas: the machine no-driver shows what it says';
  if (firmware === 'uefi' && ['ohci', 'lsi', 'mptsas', 'pvscsi'].includes(controller)) return `OVMF has no driver for ${controller}`;
  return undefined;
}

export function candidates(): Candidate[] {
  let all: Partial<Candidate>[] = [{}];
  for (const factor of FACTORS) all = all.flatMap((one) => CHOICES[factor].map((choice) => ({ ...one, [factor]: choice })));
  return (all as Candidate[]).filter((one) => impossible(one) === undefined);
}

/** Each two choices that a machine makes, but for the controller and the network card: of those, the kind of controller. */
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

/** All machines: those with a name, and as many as it takes that each two choices that go together meet on one. */
export function machineTable(): MachineRow[] {
  const named = [...KNOWN, ...LEAST_MEMORY];
  const booting = named.filter(({ fails }) => fails === undefined);
  return [...named, ...pairwise(candidates(), pairsOf, booting).map((machine) => ({ name: nameOf(machine), ...machine }))];
}
