import { BuildError, defineCommand, requireTools } from '@container-os/core';
import type { ExecutorContext } from '@nx/devkit';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { chooseAccelerator } from '../guest/accelerator.ts';
import { findArtifacts } from '../artifacts.ts';
import { DIRECT_CMDLINE, qemuArgv } from '../guest/machine.ts';
import { secretsIn } from '../guest/secrets.ts';
import { dataDisk, keptDisk } from './kept-disk.ts';
import recipe from './recipe.json' with { type: 'json' };
import type { RunOptions } from './schema.d.ts';
import { openTerminal, sendWindowSize } from './terminal.ts';

/** The descriptor on which QEMU reads the size of the window. */
const WINDOW = 3;

/** Nx 23.2 takes a continuous task that ends with any other code for a success, and itself ends with 0. */
const STOPPED = 130;

/** Boots the image with the terminal as its serial console. Without a terminal, and for other tasks, it prints the console. */
const executor: ReturnType<typeof defineCommand<RunOptions>> = async (options, nx) => {
  const result = await bootHere(options, nx);
  if (!result.success && nx.target?.continuous) process.exit(STOPPED);
  return result;
};

export default executor;

const bootHere = defineCommand<RunOptions>(async ({ boot, memory, processors, cpu, disk, secrets, accelerator: wanted, forward }, context, nx) => {
  const { image, log, signal } = context;
  requireTools(recipe, 'run');
  const artifacts = await findArtifacts([boot], context);
  const kept = await dataDisk(context);
  const disks = disk === undefined ? [] : [await keptDisk(kept, disk)];
  const { accelerator, text } = await chooseAccelerator(wanted, artifacts.kernel, signal);
  // The terminal is that of the task that runs beside this one.
  const terminal = isDependency(nx) ? undefined : openTerminal();
  if (disk !== undefined) log.info(`data disk: ${kept}`);
  const how = terminal === undefined ? 'There is no terminal: the console is only shown.' : 'Power off with "poweroff", or leave with Ctrl-A X.';
  log.info(`${image}: ${boot}, ${text}, ${cpu}, ${memory} MiB. ${how}`);
  const machine = {
    boot,
    accelerator,
    memory,
    processors,
    cpu,
    artifacts,
    cmdline: DIRECT_CMDLINE,
    forward,
    disks,
    secrets: await secretsIn(secrets, context),
  };
  const [program, ...args] = qemuArgv({ ...machine, ...(terminal === undefined ? { console: 'stdout' } : { console: 'interactive', window: WINDOW }) });
  // Ctrl-C goes to the guest: the terminal is in raw mode, and QEMU passes the key on.
  const qemu = spawn(program, args, { stdio: terminal === undefined ? ['ignore', 'inherit', 'inherit'] : [terminal, terminal, terminal, 'pipe'] });
  const stop = terminal === undefined ? () => undefined : sendWindowSize(qemu.stdio[WINDOW] as Writable);
  signal.addEventListener('abort', () => qemu.kill());
  const [code, killedBy] = (await once(qemu, 'close').finally(stop)) as [number | null, string | null];
  // Who needed a guest without a terminal is done with it.
  if (signal.aborted && terminal === undefined) return;
  signal.throwIfAborted();
  if (code !== 0) throw new BuildError('QEMU_FAILED', `QEMU ended with ${killedBy ?? `exit code ${code}`}`, { hint: 'Read the messages of QEMU above.' });
});

/** Whether another task of this run needs it. */
function isDependency({ taskGraph, projectName, targetName }: ExecutorContext): boolean {
  const { tasks = {}, continuousDependencies = {} } = taskGraph ?? {};
  const needed = Object.values(continuousDependencies).flat();
  return needed.some((id) => tasks[id]?.target.project === projectName && tasks[id]?.target.target === targetName);
}
