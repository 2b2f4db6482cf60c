import { BuildError, run } from '@container-os/core';
import { bounded, CPU, type Accelerator } from './machine.ts';

/**
 * Boots `kernel` (a vmlinux with a PVH note) with nothing to run, so that it panics, and QEMU with it
 * ends, as soon as it is up. Returns the seconds that took: a measure of how fast this machine, with its
 * load of this minute, boots; undefined when there was no panic within `limit` seconds.
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
    // The kernel's last step; any other panic is a fault of the hypervisor.
    if (line.includes('Unable to mount root fs')) panicked ??= (performance.now() - start) / 1000;
  };
  try {
    const argv = ['qemu-system-x86_64', ...machine, '-kernel', kernel, '-append', 'console=ttyS0 panic=-1'];
    await run(bounded(argv, limit), { timeout: limit, signal, capture: false, onLine });
  } catch (error) {
    // A hypervisor that does not work shows in either way; what QEMU's exit code says then is not reliable.
    if (!(error instanceof BuildError) || !['COMMAND_FAILED', 'COMMAND_TIMEOUT'].includes(error.code)) throw error;
  }
  return panicked;
}

/** Seconds after which a probe under emulation is given up; it takes about one. */
export const PROBE_LIMIT = 60;

/**
 * Seconds without a line of the guest's report after which a boot is given up, on a machine whose probe boot takes
 * `probe`.
 *
 * The formula is 60 × probe, within 60 and 900 s. From power-on to the first line, or from one to the next, a boot
 * takes 10 to 20 probe boots at the most; the rest is for a machine that becomes busier than it was during the
 * probe. Without a probe (the kernel does not get that far) the limit is what the slowest machine for which the
 * probe can pass would get in the floor's place: PROBE_LIMIT seconds.
 */
export function silenceLimit(probe: number | undefined): number {
  return probe === undefined ? PROBE_LIMIT : Math.round(Math.min(900, Math.max(60, 60 * probe)));
}
