import type { BuildContext } from '@container-os/core';
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { chooseAccelerator } from './guest/accelerator.ts';
import { findArtifacts } from './artifacts.ts';
import type { Artifacts, Accelerator, Boot } from './guest/machine.ts';
import { PROBE_LIMIT, probeBoot, silenceLimit } from './guest/probe.ts';
import { toError, toJUnit, type BootResult } from './verdict/results.ts';
import { heading, resultRow } from './verdict/table.ts';

interface BootTestOptions {
  /** Kinds of boot, which decide which artifacts are needed. */
  boots: readonly Boot[];
  /** Names of the rows in the table. Default: `boots`. */
  names?: readonly string[];
  /** MiB, if all boots have the same. */
  memory?: number;
  accelerator: 'auto' | Accelerator;
  /** Name of the test in `junit.xml`. */
  title: string;
}

/** A target that boots the image several times and judges each boot. */
export interface BootTest {
  artifacts: Artifacts;
  accelerator: Accelerator;
  /** Seconds that a bare kernel took to boot; undefined if it did not. */
  probe: number | undefined;
  /** Seconds that a boot may go without a report on this machine. */
  limit: number;
  /** Directory of the consoles and reports so far; it stays when the test fails, and no artifact is made. */
  logs: string;
  /** Adds a result to the table, `report.json` and `junit.xml`. */
  record(result: BootResult): Promise<void>;
  /** Publishes the logs as the artifact, or throws the first failure. */
  conclude(): Promise<void>;
}

export async function startBootTest({ boots, names = boots, memory, accelerator: wanted, title }: BootTestOptions, context: BuildContext): Promise<BootTest> {
  const { image, target, out, log, signal } = context;
  const artifacts = await findArtifacts(boots, context);
  const logs = join(dirname(context.logFile), target);
  await rm(logs, { recursive: true, force: true });
  await mkdir(logs, { recursive: true });

  const { accelerator, text } = await chooseAccelerator(wanted, artifacts.kernel, signal);
  const probe = await probeBoot(artifacts.kernel, accelerator, PROBE_LIMIT, signal);
  const limit = silenceLimit(probe);
  const width = Math.max(...names.map((name) => name.length));
  log.info(
    `${text}${memory === undefined ? '' : `, ${memory} MiB`}; ` +
      `a bare kernel takes ${probe === undefined ? `more than ${PROBE_LIMIT}` : probe.toFixed(1)} s, so a boot may be silent for ${limit} s`,
  );
  log.info(heading(width));
  const results: BootResult[] = [];

  async function record(result: BootResult): Promise<void> {
    results.push(result);
    log.info(resultRow(result, width));
    await writeFile(
      join(logs, 'report.json'),
      `${JSON.stringify({ image, accelerator, memory, probeSeconds: probe, limitSeconds: limit, boots: results }, null, 2)}\n`,
    );
    await writeFile(join(logs, 'junit.xml'), toJUnit(title, results));
  }

  async function conclude(): Promise<void> {
    const error = toError(results, (name) => join(logs, `${name}.console.log`));
    if (error) throw error;
    await cp(logs, out, { recursive: true });
  }

  return { artifacts, accelerator, probe, limit, logs, record, conclude };
}
