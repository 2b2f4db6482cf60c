import { earlyInitFault, kernelSpoke, panicOf } from '../guest/console.ts';
import type { GuestReport } from '../guest/report.ts';
import type { Answer } from '../guest/published.ts';

/** What a boot left, however it ended. */
export interface Outcome {
  /** What QEMU ended with; `silence`, `timeout`, `panic` (the kernel's, or a fault of the early init) and `cut` say that it was ended. */
  end: number | 'silence' | 'timeout' | 'panic' | 'cut';
  /** Seconds of wall clock. */
  seconds: number;
  /** Seconds after which a guest that reports nothing is given up. */
  limit: number;
  /** Readable lines of the console, with what QEMU itself said. */
  console: string[];
  report: GuestReport;
  /** Request lines that the server on the host got. */
  requests: string[];
  /** What this machine got from each published port, or why nothing. */
  published: Record<string, Answer>;
}

/** Why a boot failed. The code is that of the BuildError. */
export interface Failure {
  code: 'QEMU_FAILED' | 'NO_KERNEL_OUTPUT' | 'KERNEL_PANIC' | 'INIT_FAILED' | 'CONTAINER_FAILED' | 'BOOT_TIMEOUT' | 'ASSERTION_FAILED';
  message: string;
  hint: string;
}

/** The kernel's words for a PID 1 that it cannot start or that ended (init/main.c, kernel/exit.c). */
const INIT_PANIC = /Attempted to kill init|No working init found|Requested init .* failed/;

/**
 * Why the guest did not report all and power off, from what came first; undefined when it did. What the
 * guest says of itself goes before what its console shows, and that before how QEMU ended.
 */
export function classify({ end, seconds, limit, console: lines, report }: Outcome): Failure | undefined {
  if (typeof end === 'number' && end !== 0) {
    return failure('QEMU_FAILED', `QEMU ended with exit code ${end}`, 'Read what QEMU says in the last lines.');
  }
  const { failedStep } = report;
  if (failedStep) {
    const reason = failedStep.reason ? `: ${failedStep.reason}` : '';
    return failure(
      'INIT_FAILED',
      `boot step ${failedStep.step} failed with exit code ${failedStep.exitCode}${reason}`,
      'Boot it with the "run" target: it stops in an emergency shell at that step.',
    );
  }
  const fault = earlyInitFault(lines);
  if (fault !== undefined)
    return failure(
      'INIT_FAILED',
      `early init: ${fault}`,
      'The lines after it name the controllers that the kernel has no driver for; else look at how the medium is attached.',
    );
  const panic = panicOf(lines);
  if (panic !== undefined && INIT_PANIC.test(panic))
    return failure('INIT_FAILED', `PID 1 ended: ${panic}`, 'The lines before the panic are the last words of /init.');
  if (panic !== undefined)
    return failure(
      'KERNEL_PANIC',
      panic,
      "The kernel's lines before the panic say what it missed: often a symbol of its configuration, or an initramfs it cannot read.",
    );
  for (const [name, { ended }] of Object.entries(report.containers)) {
    if (ended?.status !== 'failed') continue;
    return failure(
      'CONTAINER_FAILED',
      `container ${name} failed: ${ended.reason} (exit code ${ended.exitCode})`,
      `Boot it with the "run" target and read /run/log/containers/${name}/current.`,
    );
  }
  // The host had seen what it wanted to.
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
      'Check that the kernel is built for this machine and has its serial console (console=ttyS0).',
    );
  }
  const last = report.last === undefined ? 'no report began' : `the last report was ${report.last}`;
  if (!off) return failure('BOOT_TIMEOUT', `${how}; ${last}`, 'The last report and the last lines say how far it came.');
  if (report.done !== undefined)
    return failure('ASSERTION_FAILED', `${how} without a clean shutdown; ${last}`, 'The shutdown stage must end with the event "poweroff".');
  return failure('INIT_FAILED', `${how} before its report was complete; ${last}`, 'The last lines are those of /init.');
}

function failure(code: Failure['code'], message: string, hint: string): Failure {
  return { code, message, hint };
}
