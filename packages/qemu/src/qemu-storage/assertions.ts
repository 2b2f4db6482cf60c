import { assertion, type Assertion } from '../verdict/assertions.ts';
import type { Outcome } from '../verdict/classify.ts';
import type { GuestReport } from '../guest/report.ts';

/** A guest's report. */
type Seen = Pick<Outcome, 'report'>;

/** The number in the last line of `container`, which says that it is on the disk; 0 if the line is another. */
export function numberOf(report: GuestReport, container: string): number {
  const words = report.words[container] ?? '';
  return words.startsWith(`${container}: `) ? Number.parseInt(words.slice(container.length + 2), 10) || 0 : 0;
}

/** The OS reports `status` for the data disk. */
export function assertStatus(status: string, { report: { data } }: Seen): Assertion {
  return assertion(`the OS says that the data disk is ${status}`, data?.status === status, data && `${data.status}: ${data.reason}`);
}

/** The container counted further than `before`, the last number that an earlier boot reported to be on the disk. */
export function assertCounts(before: number, { report }: Seen, container: string): Assertion {
  const found = numberOf(report, container);
  const name = before === 0 ? `${container} writes to its volume` : `${container} goes on after ${before}, which an earlier boot said was on the disk`;
  return assertion(name, found > before, report.words[container]);
}

/** The file has all numbers in order, at least up to the last that a boot reported. */
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

/** The container does not start, and the reason contains `part`. */
export function assertReason(part: string, { report: { containers } }: Seen, container: string): Assertion {
  const reason = containers[container]?.ended?.reason ?? '';
  return assertion(`${container} does not start, and says "${part}"`, reason.includes(part), reason);
}

export function assertWords(part: string, { report: { words } }: Seen, container: string): Assertion {
  return assertion(`${container} runs, and says "${part}"`, words[container]?.includes(part) === true, words[container]);
}

/** Containers without a volume run, whatever the state of the disk. */
export function assertOthers({ report: { containers } }: Seen, container: string): Assertion {
  const others = Object.entries(withoutVolume(containers)).filter(([name]) => name !== container);
  const ended = others.find(([, { running, ended: end }]) => running === undefined || end);
  return assertion('all containers without a volume run', others.length > 0 && !ended, ended && `${ended[0]}: ${ended[1].ended?.reason}`);
}

/** The containers without those that failed to start for lack of a volume: assertions check these, and they do not fail the boot. */
export function withoutVolume(containers: GuestReport['containers']): GuestReport['containers'] {
  return Object.fromEntries(Object.entries(containers).filter(([, { ended }]) => !ended?.reason.startsWith('did not start: volume ')));
}
