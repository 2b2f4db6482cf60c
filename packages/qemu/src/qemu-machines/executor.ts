import { defineExecutor, type BuildContext, type ManifestInput } from '@container-os/core';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { blankDisk } from '../guest/blank-disk.ts';
import { startBootTest } from '../boot-test.ts';
import type { GuestIo } from '../guest/machine.ts';
import { boot } from '../guest/boot.ts';
import type { BootResult } from '../verdict/results.ts';
import { machineArgv } from './argv.ts';
import { bootElsewhere, bootPrinted } from './elsewhere.ts';
import { planMachines, PRINTED, type MachinesPlan } from './plan.ts';
import recipe from './recipe.json' with { type: 'json' };
import type { MachinesOptions } from './schema.d.ts';
import type { MachineRow } from './table.ts';
import { judgeMachine, judgePrinted, knowsItsMachine } from './verdict.ts';

/** Size of a data disk in MiB. */
const DISK = 64;

/** Boots the ISO on each machine and judges the guest's report. Makes `report.json`, `junit.xml`, and the console and report of each machine. */
export default defineExecutor<MachinesOptions, MachinesPlan>({ recipe, plan: planMachines, run: bootMachines });

async function bootMachines({ machines, printed, containers, accelerator: wanted }: MachinesPlan, context: BuildContext): Promise<ManifestInput> {
  const { image, target, scratch, workspaceRoot } = context;
  const names = [...(printed ? [PRINTED] : []), ...machines.map(({ name }) => name)];
  const guests = Math.min(4, availableParallelism());
  const test = await startBootTest({ boots: ['iso-bios'], names, accelerator: wanted, title: `${image} machines` }, context);
  const { accelerator, probe, logs, record, conclude } = test;
  const iso = test.artifacts.iso ?? '';
  // Guests share this machine's processors.
  const limit = test.limit * guests;
  const longest = Math.round(600 * Math.max(1, probe ?? 1));

  async function bootRow(row: MachineRow, signal: AbortSignal): Promise<BootResult> {
    const disk = row.disk === 'none' ? '' : await blankDisk(join(scratch, `${row.name}.disk`), DISK);
    const argvOf = (io: GuestIo): string[] => machineArgv(row, accelerator, { iso, disk }, io);
    const outcome = await boot(argvOf, { logs, name: row.name, scratch, limit, longest, signal, cutPower: knowsItsMachine });
    return judgeMachine(row, containers, outcome);
  }

  async function bootAsPrinted(signal: AbortSignal): Promise<BootResult> {
    const command = bootElsewhere(relative(workspaceRoot, iso));
    const consoleLog = join(logs, `${PRINTED}.console.log`);
    return judgePrinted(PRINTED, containers, await bootPrinted(command, { cwd: workspaceRoot, consoleLog, limit, longest, signal }));
  }

  const boots = machines.map((row) => (signal: AbortSignal) => bootRow(row, signal));
  await inParallel(guests, [...(printed ? [bootAsPrinted] : []), ...boots], record, context.signal);
  await conclude();
  return { name: target, version: '0.1.0', licence: 'Apache-2.0', details: { accelerator, machines: names } };
}

type Task<T> = (signal: AbortSignal) => Promise<T>;

/** Runs `tasks` in order, `workers` at a time, and passes their results to `take` one after the other. The first error ends all. */
async function inParallel<T>(workers: number, tasks: readonly Task<T>[], take: (result: T) => Promise<void>, signal: AbortSignal): Promise<void> {
  const queue = [...tasks];
  const failed = new AbortController();
  let taken = Promise.resolve();
  const work = async (): Promise<void> => {
    for (let task = queue.shift(); task; task = queue.shift()) {
      const result = await task(AbortSignal.any([signal, failed.signal]));
      await (taken = taken.then(() => take(result)));
    }
  };
  const stop = (error: unknown): void => {
    queue.length = 0;
    failed.abort(error);
  };
  await Promise.all(Array.from({ length: workers }, () => work().catch(stop)));
  failed.signal.throwIfAborted();
}
