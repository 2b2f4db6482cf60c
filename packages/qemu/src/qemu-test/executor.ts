import { defineExecutor, type BuildContext, type ManifestInput } from '@container-os/core';
import { join } from 'node:path';
import { blankDisk } from '../guest/blank-disk.ts';
import { startBootTest } from '../boot-test.ts';
import { DIRECT_CMDLINE, qemuArgv, type Machine } from '../guest/machine.ts';
import { boot } from '../guest/boot.ts';
import { beside } from '../guest/busy.ts';
import { planQemuTest, type QemuTestPlan } from './plan.ts';
import recipe from './recipe.json' with { type: 'json' };
import { judge } from '../verdict/results.ts';
import type { QemuTestOptions } from './schema.d.ts';

/** Boots the image in each way and judges the guest's report. Makes `report.json`, `junit.xml`, and the console and report of each boot. */
export default defineExecutor<QemuTestOptions, QemuTestPlan>({ recipe, plan: planQemuTest, run: testImage });

async function testImage(plan: QemuTestPlan, context: BuildContext): Promise<ManifestInput> {
  const { boots, memory, disk, accelerator: wanted, cmdline, timeLimit, busy, expect } = plan;
  const { image, target, scratch, signal } = context;
  const { artifacts, accelerator, probe, limit, logs, record, conclude } = await startBootTest({ boots, memory, accelerator: wanted, title: image }, context);
  const longest = Math.round(timeLimit * Math.max(1, probe ?? 1));
  for (const [index, way] of boots.entries()) {
    const disks = disk === null ? [] : [await blankDisk(join(scratch, `${way}.disk`), disk)];
    // Of several boots, the last goes by this machine's clock, as on the machines of users.
    const countsInstructions = boots.length === 1 || index < boots.length - 1;
    const words = `${DIRECT_CMDLINE} ${cmdline}`.trim();
    const machine: Machine = { boot: way, accelerator, memory, artifacts, cmdline: words, disks, console: 'stdout', countsInstructions };
    const where = { logs, name: way, scratch, limit, longest, signal, published: expect.published ?? {} };
    const outcome = await beside(busy, () => boot((io) => qemuArgv({ ...machine, ...io }), where));
    await record(judge(way, expect, outcome, probe ?? 1));
  }
  await conclude();
  return { name: target, version: '0.1.0', licence: 'Apache-2.0', details: { accelerator, boots } };
}
