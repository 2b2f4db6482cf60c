import { assertion, type Assertion } from '../verdict/assertions.ts';
import { classify, type Outcome } from '../verdict/classify.ts';
import type { GuestReport } from '../guest/report.ts';
import { bootResult, type BootResult } from '../verdict/results.ts';
import { withoutVolume } from '../qemu-storage/assertions.ts';
import { assertConsole } from './elsewhere.ts';
import type { MachineRow } from './table.ts';

/** Whether the guest has reported all facts about its machine; its own tests follow. */
export function knowsItsMachine({ tests }: GuestReport): boolean {
  return tests !== undefined;
}

/** Judges a machine by the guest's report: all containers run, the host is reachable if there is a card, and a data disk is found. */
export function judgeMachine(row: MachineRow, containers: readonly string[], outcome: Outcome): BootResult {
  const { name, fails } = row;
  if (fails !== undefined) return judgeFailure(name, fails, outcome);
  const { report } = outcome;
  const judged = row.disk === 'none' ? { ...report, containers: withoutVolume(report.containers) } : report;
  const failure = classify({ ...outcome, report: judged });
  const assertions = knowsItsMachine(report) ? assertMachine(row, containers, outcome) : [];
  return { ...bootResult(name, outcome, assertions, failure), task: 'boots, and reports what it has' };
}

/** Judges the printed command by its console. */
export function judgePrinted(name: string, containers: readonly string[], outcome: Outcome): BootResult {
  const failure = classify(outcome);
  return { ...bootResult(name, outcome, failure ? [] : assertConsole(outcome.console, containers), failure), task: 'boots as it is printed' };
}

/** Judges a machine on which the OS cannot run: it must fail as expected. */
function judgeFailure(name: string, { code, says }: NonNullable<MachineRow['fails']>, outcome: Outcome): BootResult {
  const failure = classify(outcome);
  const assertions = [
    assertion(`it fails with ${code}`, failure?.code === code, failure ? `${failure.code}: ${failure.message}` : 'it boots'),
    assertion(
      `the console says "${says}"`,
      outcome.console.some((line) => line.includes(says)),
      outcome.console.at(-1),
    ),
  ];
  return { ...bootResult(name, outcome, assertions), task: 'does not boot' };
}

function assertMachine({ disk, network, cpus }: MachineRow, containers: readonly string[], { report, requests }: Outcome): Assertion[] {
  return [
    assertion('every line of the report is an event', report.malformed.length === 0, report.malformed[0]),
    ...containers.map((name) => assertContainer(name, disk !== 'none', report)),
    ...(network === 'none'
      ? []
      : [
          assertion(
            'a container reaches the host, and the host saw that',
            report.reach.some(({ to, ok }) => to === 'host' && ok) && requests.length > 0,
            `${requests.length} requests`,
          ),
        ]),
    ...(disk === 'none'
      ? []
      : [assertion('the data disk is found', report.data?.status === 'ok', report.data && `${report.data.status}: ${report.data.reason}`)]),
    assertion(`the guest has ${cpus} processors`, report.processors === cpus, report.processors),
  ];
}

function assertContainer(name: string, hasDisk: boolean, { containers }: GuestReport): Assertion {
  const { running, ended, back } = containers[name] ?? {};
  const wantsDisk = !hasDisk && ended?.reason.startsWith('did not start: volume ') === true;
  return assertion(
    `container ${name} runs${hasDisk ? '' : ', or wants a data disk'}`,
    wantsDisk || (running !== undefined && (!ended || back === true)),
    ended?.reason,
  );
}
