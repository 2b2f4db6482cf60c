import { BuildError, cacheDir, run } from '@container-os/core';
import { access, constants, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Accelerator } from './machine.ts';
import { probeBoot } from './probe.ts';

/** Seconds that KVM gets for a boot that takes it a fraction of one. */
const KVM_LIMIT = 10;

/**
 * KVM when it boots a probe, else emulation: /dev/kvm can be there and hang every guest. That KVM does
 * not work is remembered until the host boots again or QEMU changes.
 *
 * Errors: `KVM_UNUSABLE` when `wanted` is kvm and does not work.
 */
export async function chooseAccelerator(wanted: 'auto' | Accelerator, kernel: string, signal: AbortSignal): Promise<Accelerator> {
  if (wanted === 'tcg') return 'tcg';
  const works = (await canOpenKvm()) && (wanted === 'kvm' || !(await isKnownUnusable())) && (await probeBoot(kernel, 'kvm', KVM_LIMIT, signal)) !== undefined;
  if (works) return 'kvm';
  if (wanted === 'kvm') {
    throw new BuildError('KVM_UNUSABLE', `"accelerator" is kvm, which did not boot a bare kernel within ${KVM_LIMIT} s`, { hint: 'Use "accelerator": "auto" or "tcg".' });
  }
  if (await canOpenKvm()) await rememberUnusable();
  return 'tcg';
}

function canOpenKvm(): Promise<boolean> {
  return access('/dev/kvm', constants.R_OK | constants.W_OK).then(() => true, () => false);
}

async function isKnownUnusable(): Promise<boolean> {
  return (await readFile(MEMORY(), 'utf8').catch(() => '')) === (await hostState());
}

async function rememberUnusable(): Promise<void> {
  await mkdir(dirname(MEMORY()), { recursive: true });
  await writeFile(MEMORY(), await hostState());
}

const MEMORY = (): string => cacheDir('qemu', 'kvm-unusable');

/** What can make KVM work or not. */
async function hostState(): Promise<string> {
  const { stdout } = await run(['qemu-system-x86_64', '--version']);
  return `${await readFile('/proc/sys/kernel/random/boot_id', 'utf8')}${stdout}`;
}
