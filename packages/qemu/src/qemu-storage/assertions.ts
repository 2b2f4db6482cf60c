import { assertion, type Assertion } from '../verdict/assertions.ts';
import type { Outcome } from '../verdict/classify.ts';
import type { GuestReport } from '../guest/report.ts';

/** What a guest said. */
type Seen = Pick<Outcome, 'report'>;

/** The number that `container` says is on the disk, as its last line has it after its name; 0 when it says something else. */
export function numberOf(report: GuestReport, container: string): number {
  const words = report.words[container] ?? '';
  return words.startsWith(`${container}: `) ? Number.parseInt(words.slice(container.length + 2), 10) || 0 : 0;
}

/** The OS says `status` of the disk. */
export function assertStatus(status: string, { report: { data } }: Seen): Assertion {
  return assertion(`the OS says that the data disk is ${status}`, data?.status === status, data && `${data.status}: ${data.reason}`);
}

/** It counted further than `before`, what an earlier boot said was on the disk. */
export function assertCounts(before: number, { report }: Seen, container: string): Assertion {
  const found = numberOf(report, container);
  const name = before === 0 ? `${container} writes to its volume` : `${container} goes on after ${before}, which an earlier boot said was on the disk`;
  return assertion(name, found > before, report.words[container]);
}

/** All numbers are there, in order, at least to the last that a boot said was. */
export function assertLines(lines: readonly string[], atLeast: number): Assertion {
  const wrong = lines.findIndex((line, index) => line !== String(index + 1));
  const found = wrong >= 0 ? `line ${wrong + 1} is ${JSON.stringify(lines[wrong])}` : `${lines.length} lines`;
  return assertion(`the disk has each of the ${atLeast} numbers that were said to be on it, in order`, wrong < 0 && lines.length >= atLeast, found);
}

export function assertClean(fault: string | undefined): Assertion {
  return assertion('a full check of the disk finds no fault', fault === undefined, fault);
}

export function assertUntouched(what: string, before: string, after: string): Assertion {
  return assertion(`${what} is not touched`, before === after, 'its bytes have changed');
}

/** The container says why it has no volume. */
export function assertReason(part: string, { report: { containers } }: Seen, container: string): Assertion {
  const reason = containers[container]?.ended?.reason ?? '';
  return assertion(`${container} does not start, and says "${part}"`, reason.includes(part), reason);
}

export function assertWords(part: string, { report: { words } }: Seen, container: string): Assertion {
  return assertion(`${container} runs, and says "${part}"`, words[container]?.includes(part) === true, words[container]);
}

/** Containers without a volume have nothing to do with all that; one that shares it says so, as the container that counts does. */
export function assertOthers({ report: { containers } }: Seen, container: string): Assertion {
  const others = Object.entries(withoutVolume(containers)).filter(([name]) => name !== container);
  const ended = others.find(([, { running, ended: end }]) => running === undefined || end);
  return assertion('all containers without a volume run', others.length > 0 && !ended, ended && `${ended[0]}: ${ended[1].ended?.reason}`);
}

/** Those of which none failed for want of a volume: that is asserted, and no failure of the boot. */
export function withoutVolume(containers: GuestReport['containers']): GuestReport['containers'] {
  return Object.fromEntries(Object.entries(containers).filter(([, { ended }]) => !ended?.reason.startsWith('did not start: volume ')));
}
