/** A controller and its arguments for QEMU. */
interface ControllerModel {
  /** The table combines network cards with each kind of controller, not with each model. */
  kind: 'ata' | 'scsi' | 'virtio' | 'usb' | 'nvme';
  /** The controller's device, unless the machine type or the disk includes it. */
  device?: string;
  cd?: string;
  disk: string;
  /** Property of a disk or CD drive that the controller needs to find it: that attached to it as number `index`. */
  identity?: (index: number) => string;
}

const scsi = (device: string): ControllerModel => ({ kind: 'scsi', device, cd: 'scsi-cd', disk: 'scsi-hd' });
const usb = (device: string): ControllerModel => ({ kind: 'usb', device, cd: 'usb-storage', disk: 'usb-storage' });

/** Controllers for a medium or disk, by QEMU's names. */
export const CONTROLLERS = {
  ide: { kind: 'ata', cd: 'ide-cd', disk: 'ide-hd' },
  ahci: { kind: 'ata', device: 'ich9-ahci', cd: 'ide-cd', disk: 'ide-hd' },
  'virtio-blk': { kind: 'virtio', disk: 'virtio-blk-pci' },
  'virtio-scsi': scsi('virtio-scsi-pci'),
  lsi: scsi('lsi53c895a'),
  megasas: scsi('megasas'),
  // By its World Wide Name, which QEMU gives to no disk by itself and every SAS disk has.
  mptsas: { ...scsi('mptsas1068'), identity: (index) => `wwn=0x5000c5000000000${index}` },
  pvscsi: scsi('pvscsi'),
  ohci: usb('pci-ohci'),
  uhci: usb('piix3-usb-uhci'),
  ehci: usb('usb-ehci'),
  xhci: usb('qemu-xhci'),
  nvme: { kind: 'nvme', disk: 'nvme', identity: (index) => `serial=${index}` },
} satisfies Record<string, ControllerModel>;

export type Controller = keyof typeof CONTROLLERS;

export const kindOf = (controller: Controller): ControllerModel['kind'] => CONTROLLERS[controller].kind;

/** Network cards, by QEMU's names. */
export const CARDS = ['virtio-net-pci', 'e1000', 'e1000e', 'rtl8139', 'vmxnet3', 'pcnet'] as const;

export type Card = (typeof CARDS)[number];

/** The storage of a machine. */
export interface Storage {
  type: 'pc' | 'q35';
  /** The controller of the ISO, and whether the ISO is a CD or a disk. */
  controller: Controller;
  form: 'cd' | 'disk';
  /** The controller of a blank data disk; `same`: the ISO's. */
  disk: 'none' | 'same' | Controller;
}

/** Arguments for the medium and, if there is one, the data disk. */
export function storageArgv({ type, controller, form, disk }: Storage): string[] {
  const attached: Controller[] = [];
  const attach = (name: Controller, as: 'cd' | 'disk', drive: string, more = ''): string[] => {
    const model: ControllerModel = CONTROLLERS[name];
    const before = attached.filter((one) => one === name).length;
    attached.push(name);
    const identity = model.identity ? `,${model.identity(before)}` : '';
    const device = `${model[as] ?? model.disk},drive=${drive}${identity}${more}`;
    // The q35 includes AHCI.
    if (model.device === undefined || (name === 'ahci' && type === 'q35')) return ['-device', device];
    // AHCI has one device per port, and each port is a bus.
    const bus = `${name}.${name === 'ahci' ? before : 0}`;
    return [...(before > 0 ? [] : ['-device', `${model.device},id=${name}`]), '-device', `${device},bus=${bus}`];
  };
  return [...attach(controller, form, 'medium', ',bootindex=0'), ...(disk === 'none' ? [] : attach(disk === 'same' ? controller : disk, 'disk', 'data'))];
}
