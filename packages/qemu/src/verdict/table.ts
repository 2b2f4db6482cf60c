import type { BootResult } from './results.ts';

/** The heading of {@link resultRow}s with names of at most `width` characters. */
export function heading(width: number): string {
  return row(' ', width, ['boot', 'verdict', 'init', 'container', 'memory used', 'wall clock']);
}

/** One line per boot, aligned with {@link heading}. */
export function resultRow({ boot, failure, assertions, init, container, memory, memoryShares, seconds }: BootResult, width: number): string {
  const passed = assertions.filter(({ found }) => found === undefined).length;
  const verdict = failure && assertions.length === 0 ? failure.code : `${passed} of ${assertions.length} checks`;
  const mib = (kib: number): string => (kib / 1024).toFixed(1);
  const shares = memoryShares ? `${mib(memoryShares.os)} + ${memory?.containers} × ${mib(memoryShares.container)} MiB` : '';
  const used = shares || !memory ? shares : `${mib(memory.usedKiB)} of ${Math.round(memory.totalKiB / 1024)} MiB`;
  return row(failure ? '✖' : '✔', width, [boot, verdict, inSeconds(init), inSeconds(container), used, `${seconds.toFixed(1)} s`]);
}

function inSeconds(time: number | undefined): string {
  return time === undefined ? '' : `${time.toFixed(2)} s`;
}

function row(mark: string, width: number, [boot = '', verdict = '', ...rest]: string[]): string {
  return `${mark} ${boot.padEnd(Math.max(9, width))} ${verdict.padEnd(16)} ${rest.map((cell, index) => cell.padStart(index === 2 ? 18 : 10)).join(' ')}`;
}
