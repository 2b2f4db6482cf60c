import { BuildError, run } from '@container-os/core';
import { bounded, CPU, type Accelerator } from './machine.ts';

/**
 * Boots `kernel` (a vmlinux with a PVH note) without an init, so that the kernel panics and QEMU ends as soon as it is
 * up. Returns the seconds that this took, which measures the speed of this machine under its present load; undefined
 * without a panic within `limit` seconds.
 */
export async function probeBoot(kernel: string, accelerator: Accelerator, limit: number, signal: AbortSignal): Promise<number | undefined> {
  const machine = [
    '-machine',
    `q35,accel=${accelerator}`,
    '-cpu',
    CPU,
    '-m',
    '128',
    '-nodefaults',
    '-no-user-config',
    '-no-reboot',
    '-display',
    'none',
    '-serial',
    'stdio',
  ];
  const start = performance.now();
  let panicked: number | undefined;
  const onLine = (line: string): void => {
    // Mounting the root is the kernel's last step; any other panic is a fault of the hypervisor.
    if (line.includes('Unable to mount root fs')) panicked ??= (performance.now() - start) / 1000;
  };
  try {
    const argv = ['qemu-system-x86_64', ...machine, '-kernel', kernel, '-append', 'console=ttyS0 panic=-1'];
    await run(bounded(argv, limit), { timeout: limit, signal, capture: false, onLine });
  } catch (error) {
    // A broken hypervisor can end QEMU in either way, with any exit code.
    if (!(error instanceof BuildError) || !['COMMAND_FAILED', 'COMMAND_TIMEOUT'].includes(error.code)) throw error;
  }
  return panicked;
}

/** Time limit in seconds of a probe under emulation, which takes about one. */
export const PROBE_LIMIT = 60;

/**
 * Seconds that a boot may go without a new line of the guest's report, on a machine whose probe boot takes `probe`
 * seconds.
 *
 * The formula is 60 × probe, within 60 and 900 s. From power-on to the first line, or from one to the next, a boot
 * takes at most 10 to 20 probe boots; the rest is for a machine that becomes busier than it was during the probe.
 * Without a probe (the kernel does not get that far) the limit is PROBE_LIMIT seconds.
 */
export function silenceLimit(probe: number | undefined): number {
  return probe === undefined ? PROBE_LIMIT : Math.round(Math.min(900, Math.max(60, 60 * probe)));
}
