import { BuildError } from '@container-os/core';
import type { Builder } from 'junit-report-builder';
import { createRequire } from 'node:module';
import type { Boot } from '../guest/machine.ts';
import { memoryShares, type Memory } from '../guest/report.ts';
import { assertAll, secondsToContainer, type Assertion, type Expectations } from './assertions.ts';
import { classify, type Failure, type Outcome } from './classify.ts';

/** Loaded with require, because its types claim a default export that the module does not have. */
const junit = createRequire(import.meta.url)('junit-report-builder') as Builder;

/** The verdict on one boot, as in report.json. */
export interface BootResult {
  boot: string;
  /** What the boot should do. Default: boot, report and power off. */
  task?: string;
  failure?: Failure;
  /** Empty if the guest's report is incomplete. */
  assertions: Assertion[];
  /** Guest uptime in seconds. */
  init?: number;
  container?: number;
  memory?: Memory;
  /** KiB. */
  memoryShares?: { os: number; container: number };
  /** Wall clock, in seconds. */
  seconds: number;
  /** The last 40 lines of the console of a failed boot. */
  console?: string[];
}

/** Judges the outcome of a boot by the image's expectations. */
export function judge(boot: Boot, expect: Expectations, outcome: Outcome, probe: number): BootResult {
  const assertions = outcome.report.done === undefined ? [] : assertAll(expect, outcome, probe);
  return bootResult(boot, outcome, assertions, classify(outcome));
}

/** The result of a boot with these assertions. `failure`: the boot failed for this reason, whatever the assertions say. */
export function bootResult(boot: string, { report, seconds, console: lines }: Outcome, assertions: Assertion[], failure?: Failure): BootResult {
  const failed = failure ?? failedAssertions(assertions);
  const container = secondsToContainer(report);
  const shares = memoryShares(report);
  return {
    boot,
    ...(failed ? { failure: failed, console: lines.slice(-40) } : {}),
    assertions,
    ...(report.init === undefined ? {} : { init: report.init }),
    ...(container === undefined ? {} : { container }),
    ...(report.memory ? { memory: report.memory } : {}),
    ...(shares ? { memoryShares: shares } : {}),
    seconds,
  };
}

/** The assertions that do not hold, as one failure. */
export function failedAssertions(assertions: readonly Assertion[]): Failure | undefined {
  const failed = assertions.filter(({ found }) => found !== undefined);
  if (failed.length === 0) return undefined;
  const message = failed.map(({ name, found }) => `expected that ${name}; found: ${found}`).join('\n');
  return { code: 'ASSERTION_FAILED', message, hint: 'Compare with "expect" of the target; the report is in the directory of the log.' };
}

/** One suite per boot: a test case for the boot, and one for each assertion. */
export function toJUnit(image: string, results: readonly BootResult[]): string {
  const builder = junit.newBuilder();
  for (const { boot, task = 'boots, reports and powers off', failure, assertions, seconds } of results) {
    const suite = builder.testSuite().name(`${image} ${boot}`).time(seconds);
    const booted = suite.testCase().className(`${image}.${boot}`).name(task).time(seconds);
    if (failure && failure.code !== 'ASSERTION_FAILED') booted.failure(failure.message, failure.code);
    for (const { name, found } of assertions) {
      const testCase = suite.testCase().className(`${image}.${boot}`).name(name);
      if (found !== undefined) testCase.failure(`found: ${found}`, 'ASSERTION_FAILED');
    }
  }
  return builder.build();
}

/** The first failure, with the last lines of its console; undefined when all boots passed. */
export function toError(results: readonly BootResult[], logFile: (boot: string) => string): BuildError | undefined {
  const failed = results.filter(({ failure }) => failure);
  const [first] = failed;
  if (!first?.failure) return undefined;
  const { boot, failure, console: lines = [] } = first;
  const others = failed.slice(1).map((one) => `${one.boot}: ${one.failure?.code}`);
  const also = others.length > 0 ? `\n(also ${others.join(', ')})` : '';
  const last = lines.map((line) => `\n  | ${line}`).join('');
  return new BuildError(failure.code, `${boot}: ${failure.message}${also}${last}`, { hint: failure.hint, logFile: logFile(boot) });
}
