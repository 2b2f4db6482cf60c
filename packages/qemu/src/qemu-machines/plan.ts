import { BuildError } from '@container-os/core';
import type { Accelerator } from '../guest/machine.ts';
import type { MachinesOptions } from './schema.d.ts';
import { machineTable, type MachineRow } from './table.ts';

/** The plan, as JSON. */
export interface MachinesPlan {
  machines: MachineRow[];
  /** Whether to run the printed command too. */
  printed: boolean;
  containers: string[];
  accelerator: 'auto' | Accelerator;
}

/** The name of the printed command in `only`. */
export const PRINTED = 'printed-command';

/** @throws BuildError MACHINE_UNKNOWN. */
export function planMachines({ containers, only, accelerator }: MachinesOptions): MachinesPlan {
  const all = machineTable();
  const names = [PRINTED, ...all.map(({ name }) => name)];
  const unknown = only.filter((name) => !names.includes(name));
  if (unknown.length > 0)
    throw new BuildError('MACHINE_UNKNOWN', `"only" names unknown machines: ${unknown.join(', ')}`, { hint: `Choose from: ${names.join(', ')}.` });
  const wanted = (name: string): boolean => only.length === 0 || only.includes(name);
  return { machines: all.filter(({ name }) => wanted(name)), printed: wanted(PRINTED), containers, accelerator };
}
