import { earlyInitFault, kernelSpoke, panicOf } from '../guest/console.ts';
import type { GuestReport } from '../guest/report.ts';
import type { Answer } from '../guest/published.ts';

/** The outcome of a boot, however it ended. */
export interface Outcome {
  /** QEMU's exit code, or why QEMU was ended: `silence`, `timeout`, `panic` (the kernel's, or a fault of the early init) or `cut`. */
  end: number | 'silence' | 'timeout' | 'panic' | 'cut';
  /** Seconds of wall clock. */
  seconds: number;
  /** Seconds that the guest was allowed to go without a report. */
  limit: number;
  /** Readable lines of the console, QEMU's own messages included. */
  console: string[];
  report: GuestReport;
  /** Request lines that the server on the host got. */
  requests: string[];
  /** The answer of each published port, or the error. */
  published: Record<string, Answer>;
}

/** Why a boot failed; `code` becomes the code of the BuildError. */
export interface Failure {
  code: 'QEMU_FAILED' | 'NO_KERNEL_OUTPUT' | 'KERNEL_PANIC' | 'INIT_FAILED' | 'CONTAINER_FAILED' | 'BOOT_TIMEOUT' | 'ASSERTION_FAILED';
  message: string;
  hint: string;
}

/** The kernel's messages for a PID 1 that cannot start or that ended (init/main.c, kernel/exit.c). */
const INIT_PANIC = /Attempted to kill init|No working init found|Requested init .* failed/;

/**
 * Why the guest did not report everything and power off; undefined if it did. The guest's report takes precedence over
 * its console, and the console over QEMU's end.
 */
export function classify({ end, seconds, limit, console: lines, report }: Outcome): Failure | undefined {
  if (typeof end === 'number' && end !== 0) {
    return failure('QEMU_FAILED', `QEMU ended with exit code ${end}`, 'Read the messages of QEMU in the last lines.');
  }
  const { failedStep } = report;
  if (failedStep) {
    const reason = failedStep.reason ? `: ${failedStep.reason}` : '';
    return failure(
      'INIT_FAILED',
      `boot step ${failedStep.step} failed with exit code ${failedStep.exitCode}${reason}`,
      'Boot the image with the target "run": it stops in an emergency shell at that step.',
    );
  }
  const fault = earlyInitFault(lines);
  if (fault !== undefined)
    return failure(
      'INIT_FAILED',
      `early init: ${fault}`,
      'The next lines name controllers without a driver. If there are none, check how the medium is attached.',
    );
  const panic = panicOf(lines);
  if (panic !== undefined && INIT_PANIC.test(panic))
    return failure('INIT_FAILED', `PID 1 ended: ${panic}`, 'The lines before the panic are the last output of /init.');
  if (panic !== undefined)
    return failure(
      'KERNEL_PANIC',
      panic,
      "The kernel's lines before the panic name the cause: often a missing symbol of its configuration, or an initramfs that it cannot read.",
    );
  for (const [name, { ended, back }] of Object.entries(report.containers)) {
    // A service that waits for another one may end by itself until that one answers, and is started again.
    if (ended?.status !== 'failed' || back) continue;
    return failure(
      'CONTAINER_FAILED',
      `container ${name} failed: ${ended.reason} (exit code ${ended.exitCode})`,
      `Boot the image with the target "run" and read /run/log/containers/${name}/current.`,
    );
  }
  // The host had seen all it needed.
  if (end === 'cut') return undefined;
  if (report.poweroff !== undefined && report.done !== undefined && end === 0) return undefined;
  return unfinished(howItEnded(end, limit, seconds), typeof end === 'number', lines, report);
}

function howItEnded(end: Outcome['end'], limit: number, seconds: number): string {
  if (end === 'silence') return `nothing new for ${limit} s`;
  return end === 'timeout' ? `not done after ${seconds.toFixed(0)} s` : `the machine went off after ${seconds.toFixed(1)} s`;
}

function unfinished(how: string, off: boolean, lines: readonly string[], report: GuestReport): Failure {
  if (report.last === undefined && !kernelSpoke(lines)) {
    return failure(
      'NO_KERNEL_OUTPUT',
      `${how}, and the kernel wrote nothing`,
      'Check that the kernel is built for this machine and has a serial console (console=ttyS0).',
    );
  }
  const last = report.last === undefined ? 'no report began' : `the last report was ${report.last}`;
  if (!off) return failure('BOOT_TIMEOUT', `${how}; ${last}`, 'The last report and the last lines show how far the boot came.');
  if (report.done !== undefined)
    return failure('ASSERTION_FAILED', `${how} without a clean shutdown; ${last}`, 'The shutdown stage must end with the event "poweroff".');
  return failure('INIT_FAILED', `${how} before its report was complete; ${last}`, 'The last lines are the output of /init.');
}

function failure(code: Failure['code'], message: string, hint: string): Failure {
  return { code, message, hint };
}
