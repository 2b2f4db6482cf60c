import { BuildError, cacheDir, defineCommand, readHostTools, requireHostTools } from '@container-os/core';
import { execa } from 'execa';
import { closeSync, openSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { chooseAccelerator } from '../accelerator.ts';
import { qemuArgv } from '../argv.ts';
import { findArtifacts } from '../artifacts.ts';
import type { RunOptions } from './schema.d.ts';

const hostTools = readHostTools(import.meta.url, '../../host-tools.json');

/** Boots the image with the terminal as its serial console. */
export default defineCommand<RunOptions>(async ({ boot = 'iso-bios', memory = 256, cmdline = 'console=ttyS0,115200 panic=-1 quiet' }, context) => {
  await requireHostTools(hostTools, 'run');
  const artifacts = await findArtifacts(context);
  const terminal = openTerminal();
  const accelerator = await chooseAccelerator(artifacts.kernel, context.signal);
  await mkdir(cacheDir('scratch'), { recursive: true });
  const scratch = await mkdtemp(join(cacheDir('scratch'), `run-${process.pid}-`));
  try {
    const uefiVariables = join(scratch, 'variables.fd');
    await copyFile('/usr/share/OVMF/OVMF_VARS_4M.fd', uefiVariables);
    context.log.info(`${context.image} (${boot}, ${accelerator}, ${memory} MiB); power off with "poweroff", leave with Ctrl-A X`);
    const argv = qemuArgv({ boot, accelerator, memory, cmdline, ...artifacts, uefiVariables, console: 'stdio' });
    await execa(argv[0], argv.slice(1), { stdin: terminal, stdout: terminal, stderr: terminal, cancelSignal: context.signal, reject: false });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
});

/** Nx may give its tasks no terminal; the one it was started from is still there. */
function openTerminal(): 'inherit' | { file: string } {
  if (process.stdin.isTTY && process.stdout.isTTY) return 'inherit';
  try {
    closeSync(openSync('/dev/tty', 'r+'));
    return { file: '/dev/tty' };
  } catch (cause) {
    throw new BuildError('TERMINAL_MISSING', 'this target is interactive and found no terminal', { cause, hint: 'Run it in a terminal, or use qemu-test.' });
  }
}
