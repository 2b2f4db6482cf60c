import { defineExecutor, readHostTools, requireHostTools, type BuildContext, type ManifestInput } from '@container-os/core';
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { chooseAccelerator } from '../accelerator.ts';
import { findArtifacts } from '../artifacts.ts';
import { DIRECT_CMDLINE } from '../machine.ts';
import { PROBE_LIMIT, probeBoot, silenceLimit } from '../probe.ts';
import { boot } from '../smoke/boot.ts';
import { toError, toJUnit, type BootResult } from '../smoke/results.ts';
import { HEADING, resultRow } from '../smoke/table.ts';
import { planStorage, type StoragePlan } from './plan.ts';
import { scenarios, type BootDisks } from './scenarios.ts';
import type { StorageOptions } from './schema.d.ts';

const hostTools = readHostTools(import.meta.url, '../../host-tools.json');

/** Boots the image with data disks in every state; `report.json`, `junit.xml`, and console and report of each boot. */
export default defineExecutor<StorageOptions, StoragePlan>({ plan: planStorage, run: storage });

async function storage({ container, file, memory, accelerator: wanted }: StoragePlan, context: BuildContext): Promise<ManifestInput> {
  const { image, target, out, scratch, log, signal } = context;
  await requireHostTools(hostTools, target);
  const artifacts = await findArtifacts(['direct'], context);
  // Kept when the test fails; `out` is not.
  const logs = join(dirname(context.logFile), target);
  await rm(logs, { recursive: true, force: true });
  await mkdir(logs, { recursive: true });
  const { accelerator, text } = await chooseAccelerator(wanted, artifacts.kernel, signal);
  const probe = await probeBoot(artifacts.kernel, accelerator, PROBE_LIMIT, signal);
  const limit = silenceLimit(probe);
  log.info(`${text}, ${memory} MiB; a boot may take ${limit} s`);
  log.info(HEADING);

  const bootDisks: BootDisks = (name, disks, cutPower) => {
    // No tests; or the containers' last words, again and again, until the power is cut.
    const cmdline = `${DIRECT_CMDLINE} container-os.tests=${cutPower ? 'words' : 'none'}`;
    const machine = { boot: 'direct' as const, accelerator, memory, artifacts, cmdline, disks };
    return boot(machine, { logs, name, scratch, limit, longest: 300, signal, ...(cutPower ? { cutPower } : {}) });
  };
  const results: BootResult[] = [];
  for await (const result of scenarios({ container, file, scratch, bootDisks })) {
    results.push(result);
    log.info(resultRow(result));
    await writeFile(join(logs, 'report.json'), `${JSON.stringify({ image, accelerator, memory, probeSeconds: probe, limitSeconds: limit, boots: results }, null, 2)}\n`);
    await writeFile(join(logs, 'junit.xml'), toJUnit(`${image} storage`, results));
  }
  const error = toError(results, (name) => join(logs, `${name}.console.log`));
  if (error) throw error;
  await cp(logs, out, { recursive: true });
  return { name: target, version: '0.1.0', licence: 'Apache-2.0', details: { accelerator, boots: results.map((one) => one.boot) } };
}
