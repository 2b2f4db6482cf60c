import { BuildError } from '@container-os/core';
import type { Accelerator } from '../guest/machine.ts';
import type { MachinesOptions } from './schema.d.ts';
import { machineTable, type MachineRow } from './table.ts';

/** What is to be done, as JSON. */
export interface MachinesPlan {
  machines: MachineRow[];
  /** Whether the command that people are told is run too. */
  printed: boolean;
  containers: string[];
  accelerator: 'auto' | Accelerator;
}

/** The name, in `only`, of the command that people are told. */
export const PRINTED = 'printed-command';

/** Errors: `MACHINE_UNKNOWN`. */
export function planMachines({ containers, only, accelerator }: MachinesOptions): MachinesPlan {
  const all = machineTable();
  const names = [PRINTED, ...all.map(({ name }) => name)];
  const unknown = only.filter((name) => !names.includes(name));
  if (unknown.length > 0)
    throw new BuildError('MACHINE_UNKNOWN', `"only" names ${unknown.join(', ')}, and no machine is called that`, { hint: `Choose of: ${names.join(', ')}.` });
  const wanted = (name: string): boolean => only.length === 0 || only.includes(name);
  return { machines: all.filter(({ name }) => wanted(name)), printed: wanted(PRINTED), containers, accelerator };
}
