import { BuildError, defineCommand, requireTools } from '@container-os/core';
import { execa } from 'execa';
import { closeSync, openSync } from 'node:fs';
import { chooseAccelerator } from '../guest/accelerator.ts';
import { findArtifacts } from '../artifacts.ts';
import { DIRECT_CMDLINE, qemuArgv } from '../guest/machine.ts';
import { dataDisk, keptDisk } from './kept-disk.ts';
import recipe from './recipe.json' with { type: 'json' };
import type { RunOptions } from './schema.d.ts';

/** Boots the image with the terminal as its serial console. */
export default defineCommand<RunOptions>(async ({ boot, memory, disk, accelerator: wanted, forward }, context) => {
  const { image, log, signal } = context;
  requireTools(recipe, 'run');
  const artifacts = await findArtifacts([boot], context);
  const terminal = findTerminal();
  const kept = await dataDisk(context);
  const disks = disk === undefined ? [] : [await keptDisk(kept, disk)];
  const { accelerator, text } = await chooseAccelerator(wanted, artifacts.kernel, signal);
  if (disk !== undefined) log.info(`data disk: ${kept}`);
  log.info(`${image}: ${boot}, ${text}, ${memory} MiB. Power off with "poweroff", or leave with Ctrl-A X.`);
  const [program, ...args] = qemuArgv({ boot, accelerator, memory, artifacts, cmdline: DIRECT_CMDLINE, console: 'interactive', forward, disks });
  // Ctrl-C goes to the guest: the terminal is in raw mode, and QEMU passes the key on.
  const { exitCode, shortMessage } = await execa(program, args, { stdin: terminal, stdout: terminal, stderr: terminal, cancelSignal: signal, reject: false });
  signal.throwIfAborted();
  if (exitCode !== 0)
    throw new BuildError('QEMU_FAILED', shortMessage ?? `QEMU ended with exit code ${exitCode}`, { hint: 'Read the messages of QEMU above.' });
});

/** Nx gives some tasks no terminal; then use the one in which Nx was started. */
function findTerminal(): 'inherit' | { file: string } {
  if (process.stdin.isTTY && process.stdout.isTTY) return 'inherit';
  try {
    closeSync(openSync('/dev/tty', 'r+'));
    return { file: '/dev/tty' };
  } catch (cause) {
    throw new BuildError('TERMINAL_MISSING', 'this target is interactive and needs a terminal', {
      cause,
      hint: 'Run the target in a terminal, or use the target qemu-test.',
    });
  }
}
