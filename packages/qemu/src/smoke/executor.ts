import { BuildError, defineExecutor, readHostTools, requireHostTools, type BuildContext, type ManifestInput } from '@container-os/core';
import type { Builder } from 'junit-report-builder';
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { chooseAccelerator, probe, timeLimit } from '../accelerator.ts';
import type { Accelerator, Boot } from '../argv.ts';
import { findArtifacts } from '../artifacts.ts';
import { boot } from '../boot.ts';
import { check, classify, withoutFirmware, type BootOutcome, type Expectations, type Failure } from '../verdict.ts';
import type { SmokeOptions } from './schema.d.ts';

/** Its CommonJS default export is seen differently by Node and by swc. */
const { default: junit } = createRequire(import.meta.url)('junit-report-builder') as { default: Builder };
const hostTools = readHostTools(import.meta.url, '../../host-tools.json');

interface SmokePlan {
  boots: Boot[];
  memory: number;
  cmdline: string;
  accelerator: 'auto' | Accelerator;
  expect: Expectations;
}

interface BootResult {
  boot: Boot;
  failure?: Failure;
  checks: { name: string; fault: string | undefined }[];
  /** Guest uptime in seconds when the last container was running. */
  containersUp?: number;
  memoryUsedKiB?: number;
  seconds: number;
}

/** Writes report.json, junit.xml, and console and report of each boot; fails with the first failure's code. */
export default defineExecutor<SmokeOptions, SmokePlan>({
  plan: ({ boots = ['direct', 'iso-bios', 'iso-uefi'], memory = 256, cmdline = 'console=ttyS0,115200 panic=-1 quiet', accelerator = 'auto', expect = {} }) => ({ boots, memory, cmdline, accelerator, expect }),
  run: smoke,
});

async function smoke(plan: SmokePlan, context: BuildContext): Promise<ManifestInput> {
  const { out, log, signal } = context;
  await requireHostTools(hostTools, 'qemu-test');
  const artifacts = await findArtifacts(context);
  // Logs stay here when the test fails: the staging directory does not.
  const logs = join(dirname(context.logFile), context.target);
  await rm(logs, { recursive: true, force: true });
  await mkdir(logs, { recursive: true });
  const accelerator = plan.accelerator === 'auto' ? await log.step('probe the accelerator', () => chooseAccelerator(artifacts.kernel, signal)) : plan.accelerator;
  const unit = (await probe(artifacts.kernel, accelerator, 120, signal)) ?? 120;
  const limit = timeLimit(unit);
  log.info(`${accelerator}, bare kernel in ${unit.toFixed(1)} s, limit ${limit} s a boot`);
  const results: BootResult[] = [];
  for (const way of plan.boots) {
    const files = { console: join(logs, `${way}.console.log`), report: join(logs, `${way}.report.jsonl`) };
    const outcome = await boot({ boot: way, accelerator, memory: plan.memory, cmdline: plan.cmdline, ...artifacts }, files, limit, signal);
    const result = judge(way, plan.expect, outcome);
    log.info(describe(result));
    results.push(result);
    for (const file of Object.values(files)) await copyFile(file, join(out, file.slice(logs.length + 1)));
    await writeReports(results, { accelerator, memory: plan.memory }, [logs, out]);
    if (result.failure) throw failed(result.failure, way, outcome, files.console);
  }
  return { name: 'qemu-test', version: '0.1.0', licence: 'Apache-2.0', details: { boots: plan.boots, accelerator } };
}

function judge(way: Boot, expect: Expectations, outcome: BootOutcome): BootResult {
  const failure = classify(outcome);
  const checks = failure ? [] : check(expect, outcome);
  const faults = checks.filter(({ fault }) => fault !== undefined);
  const running = outcome.events.filter(({ event, status }) => event === 'container' && status === 'running');
  const memory = outcome.events.find(({ event, name }) => event === 'fact' && name === 'memory')?.['value'] as { usedKiB: number } | undefined;
  const up = running.at(-1)?.uptime;
  const assertion: Failure = { code: 'ASSERTION_FAILED', message: faults.map(({ name, fault }) => `${name}: ${fault}`).join('\n') };
  const verdict = failure ?? (faults.length > 0 ? assertion : undefined);
  return { boot: way, checks, seconds: outcome.seconds, ...(up === undefined ? {} : { containersUp: up }), ...(memory ? { memoryUsedKiB: memory.usedKiB } : {}), ...(verdict ? { failure: verdict } : {}) };
}

function describe({ boot: way, failure, checks, containersUp, memoryUsedKiB, seconds }: BootResult): string {
  const passed = checks.filter(({ fault }) => fault === undefined).length;
  const facts = [`${passed} of ${checks.length} checks`, containersUp === undefined ? '' : `containers up at ${containersUp.toFixed(2)} s`, memoryUsedKiB === undefined ? '' : `${(memoryUsedKiB / 1024).toFixed(1)} MiB used`, `${seconds.toFixed(1)} s in all`];
  return `${failure ? '✖' : '✔'} ${way.padEnd(9)} ${failure ? failure.code : facts.filter(Boolean).join(', ')}`;
}

async function writeReports(results: readonly BootResult[], machine: object, directories: readonly string[]): Promise<void> {
  const builder = junit.newBuilder();
  for (const { boot: way, failure, checks, seconds } of results) {
    const suite = builder.testSuite().name(way).time(seconds);
    const ends = suite.testCase().name('boots, reports and powers off').time(seconds);
    if (failure && failure.code !== 'ASSERTION_FAILED') ends.failure(failure.message, failure.code);
    for (const { name, fault } of checks) {
      const testCase = suite.testCase().name(name);
      if (fault !== undefined) testCase.failure(fault, 'ASSERTION_FAILED');
    }
  }
  for (const directory of directories) {
    await writeFile(join(directory, 'junit.xml'), builder.build());
    await writeFile(join(directory, 'report.json'), `${JSON.stringify({ ...machine, results }, null, 2)}\n`);
  }
}

const HINTS: Record<Failure['code'], string> = {
  QEMU_FAILED: 'Read what QEMU says in the log.',
  NO_KERNEL_OUTPUT: 'Check that the image holds a kernel for this machine, with a serial console.',
  KERNEL_PANIC: 'The lines before the panic say what the kernel missed: often /init, or a symbol of the kernel configuration.',
  INIT_FAILED: 'Run the image with nx run <image>:run: it stops in an emergency shell at that step.',
  CONTAINER_FAILED: "Check the container's command and config; run it with nx run <image>:run and read /run/log/containers.",
  BOOT_TIMEOUT: 'The report says which step was the last; run it with nx run <image>:run.',
  ASSERTION_FAILED: 'Compare with "expect" of the target; the whole report lies beside the log.',
};

function failed({ code, message }: Failure, way: Boot, { console: text }: BootOutcome, logFile: string): BuildError {
  const last = withoutFirmware(text).split('\n').filter((line) => line.trim() !== '').slice(-40);
  return new BuildError(code, `${way}: ${message}${last.length > 0 ? `\n${last.map((line) => `  | ${line}`).join('\n')}` : ''}`, { hint: HINTS[code], logFile });
}
