import { BuildError, cacheDir, ifThere, run } from '@container-os/core';
import { access, constants, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Accelerator } from './machine.ts';
import { probeBoot } from './probe.ts';

/** Seconds that KVM gets for the probe; a working KVM takes a fraction of one. */
const KVM_LIMIT = 10;

/** An accelerator, and a text that says why KVM is not used. */
export interface Choice {
  accelerator: Accelerator;
  /** For example `tcg (no access to /dev/kvm)`. */
  text: string;
}

/**
 * Chooses KVM if it boots a probe, else emulation: /dev/kvm can exist and hang every guest. A failure of KVM is
 * remembered until the host reboots or QEMU changes.
 *
 * @throws BuildError KVM_UNUSABLE if `wanted` is kvm and KVM does not work.
 */
export async function chooseAccelerator(wanted: 'auto' | Accelerator, kernel: string, signal: AbortSignal): Promise<Choice> {
  if (wanted === 'tcg') return { accelerator: 'tcg', text: 'tcg' };
  const fault = await kvmFault(wanted === 'kvm', kernel, signal);
  if (fault === undefined) return { accelerator: 'kvm', text: 'kvm' };
  if (wanted === 'auto') return { accelerator: 'tcg', text: `tcg (${fault})` };
  throw new BuildError('KVM_UNUSABLE', `"accelerator" is kvm: ${fault}`, { hint: 'Use "accelerator": "auto" or "tcg".' });
}

async function kvmFault(again: boolean, kernel: string, signal: AbortSignal): Promise<string | undefined> {
  if (!(await canOpenKvm())) return 'no access to /dev/kvm';
  const fault = `KVM did not boot a bare kernel within ${KVM_LIMIT} s`;
  if (!again && (await isKnownUnusable())) return fault;
  if ((await probeBoot(kernel, 'kvm', KVM_LIMIT, signal)) !== undefined) return undefined;
  await rememberUnusable();
  return fault;
}

function canOpenKvm(): Promise<boolean> {
  return access('/dev/kvm', constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  );
}

async function isKnownUnusable(): Promise<boolean> {
  return (await ifThere(readFile(MEMORY(), 'utf8'))) === (await hostState());
}

async function rememberUnusable(): Promise<void> {
  await mkdir(dirname(MEMORY()), { recursive: true });
  await writeFile(MEMORY(), await hostState());
}

const MEMORY = (): string => cacheDir('qemu', 'kvm-unusable');

/** The state of the host on which KVM's working depends. */
async function hostState(): Promise<string> {
  const { stdout } = await run(['qemu-system-x86_64', '--version']);
  return `${await readFile('/proc/sys/kernel/random/boot_id', 'utf8')}${stdout}`;
}
