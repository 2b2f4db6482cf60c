import { OVMF, value, type Accelerator, type GuestIo } from '../guest/machine.ts';
import { reportArgv, uplink } from '../guest/machine.ts';
import { storageArgv } from './devices.ts';
import type { MachineRow } from './table.ts';

export interface MachineFiles {
  iso: string;
  /** Raw image of the data disk. */
  disk: string;
}

/**
 * QEMU's command line: the default machine of the type, with its screen, keyboard and empty CD drive, plus the devices of the row and
 * the port of the guest's report, through which the test hears of the guest.
 */
export function machineArgv(row: MachineRow, accelerator: Accelerator, { iso, disk }: MachineFiles, io: GuestIo): [string, ...string[]] {
  const { type, firmware, form, network, cpus, memory, extra = [] } = row;
  return [
    'qemu-system-x86_64',
    ...['-machine', `${type},accel=${accelerator}`, '-m', String(memory), '-smp', String(cpus)],
    ...['-no-user-config', '-no-reboot', '-display', 'none', '-monitor', 'none', '-serial', 'stdio'],
    ...(firmware === 'uefi' ? ['-drive', `if=pflash,format=raw,readonly=on,file=${OVMF}`] : []),
    // IDE and NVMe have no read-only disks.
    ...['-drive', `if=none,id=medium,format=raw,${form === 'cd' ? 'media=cdrom,readonly=on' : 'snapshot=on'},file=${value(iso)}`],
    ...(row.disk === 'none' ? [] : ['-drive', `if=none,id=data,format=raw,file=${value(disk)}`]),
    ...storageArgv(row),
    ...(network === 'none' ? ['-nic', 'none'] : ['-netdev', uplink(io), '-device', `${network},netdev=uplink`]),
    ...extra,
    ...reportArgv(io),
  ];
}
