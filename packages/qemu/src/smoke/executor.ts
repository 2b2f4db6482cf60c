import { defineExecutor, readHostTools, requireHostTools, type BuildContext, type ManifestInput } from '@container-os/core';
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { chooseAccelerator } from '../accelerator.ts';
import { findArtifacts } from '../artifacts.ts';
import { blankDisk } from '../blank-disk.ts';
import { DIRECT_CMDLINE } from '../machine.ts';
import { PROBE_LIMIT, probeBoot, silenceLimit } from '../probe.ts';
import { boot } from './boot.ts';
import { planSmoke, type SmokePlan } from './plan.ts';
import { judge, toError, toJUnit, type BootResult } from './results.ts';
import type { SmokeOptions } from './schema.d.ts';
import { HEADING, resultRow } from './table.ts';

const hostTools = readHostTools(import.meta.url, '../../host-tools.json');

/** Boots the image in each way and judges it by its own report; `report.json`, `junit.xml`, and console and report of each boot. */
export default defineExecutor<SmokeOptions, SmokePlan>({ plan: planSmoke, run: smoke });

async function smoke({ boots, memory, disk, accelerator: wanted, cmdline, timeLimit, expect }: SmokePlan, context: BuildContext): Promise<ManifestInput> {
  const { image, target, out, scratch, log, signal } = context;
  await requireHostTools(hostTools, target);
  const artifacts = await findArtifacts(boots, context);
  // Kept when the test fails; `out` is not.
  const logs = join(dirname(context.logFile), target);
  await rm(logs, { recursive: true, force: true });
  await mkdir(logs, { recursive: true });

  const { accelerator, text } = await chooseAccelerator(wanted, artifacts.kernel, signal);
  const probe = await probeBoot(artifacts.kernel, accelerator, PROBE_LIMIT, signal);
  const limit = silenceLimit(probe);
  const longest = Math.round(timeLimit * Math.max(1, probe ?? 1));
  log.info(`${text}, ${memory} MiB; a bare kernel takes ${probe === undefined ? `more than ${PROBE_LIMIT}` : probe.toFixed(1)} s, so a boot may be silent for ${limit} s`);
  log.info(HEADING);
  const results: BootResult[] = [];
  for (const way of boots) {
    const disks = disk === null ? [] : [await blankDisk(join(scratch, `${way}.disk`), disk)];
    const machine = { boot: way, accelerator, memory, artifacts, cmdline: `${DIRECT_CMDLINE} ${cmdline}`.trim(), disks };
    const outcome = await boot(machine, { logs, scratch, limit, longest, signal, published: expect.published ?? {} });
    const result = judge(way, expect, outcome, probe ?? 1);
    results.push(result);
    log.info(resultRow(result));
    await writeFile(join(logs, 'report.json'), `${JSON.stringify({ image, accelerator, memory, probeSeconds: probe, limitSeconds: limit, boots: results }, null, 2)}\n`);
    await writeFile(join(logs, 'junit.xml'), toJUnit(image, results));
  }
  const error = toError(results, (way) => join(logs, `${way}.console.log`));
  if (error) throw error;
  await cp(logs, out, { recursive: true });
  return { name: target, version: '0.1.0', licence: 'Apache-2.0', details: { accelerator, boots } };
}
