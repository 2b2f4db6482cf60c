import { defineExecutor, exists, run, type BuildContext, type ManifestInput } from '@container-os/core';
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { blankDisk } from '../guest/blank-disk.ts';
import { startBootTest } from '../boot-test.ts';
import { DIRECT_CMDLINE, qemuArgv, type Artifacts, type Machine } from '../guest/machine.ts';
import { boot } from '../guest/boot.ts';
import { secretsIn } from '../guest/secrets.ts';
import { beside } from '../guest/busy.ts';
import { planQemuTest, type QemuTestPlan } from './plan.ts';
import recipe from './recipe.json' with { type: 'json' };
import { judge } from '../verdict/results.ts';
import type { QemuTestOptions } from './schema.d.ts';

/** Boots the image and judges the guest's report. Makes `report.json`, `junit.xml`, and the boot's console and report. */
export default defineExecutor<QemuTestOptions, QemuTestPlan>({ recipe, plan: planQemuTest, run: testImage });

async function testImage(plan: QemuTestPlan, context: BuildContext): Promise<ManifestInput> {
  const { boot: way, countsInstructions, memory, processors, cpu, disk, secrets, accelerator: wanted, cmdline, timeLimit, busy, expect } = plan;
  const { image, target, scratch, signal } = context;
  const test = await startBootTest({ boots: [way], memory, accelerator: wanted, title: image }, context);
  const { accelerator, probe, limit, logs, record, conclude } = test;
  const artifacts = way === 'direct' ? await withRootfs(test.artifacts, context) : test.artifacts;
  const longest = Math.round(timeLimit * Math.max(1, probe ?? 1));
  const disks = disk === null ? [] : [await blankDisk(join(scratch, 'disk'), disk)];
  const words = `${DIRECT_CMDLINE} ${cmdline}`.trim();
  const machine: Machine = {
    boot: way,
    accelerator,
    memory,
    processors,
    cpu,
    artifacts,
    cmdline: words,
    disks,
    console: 'stdout',
    countsInstructions,
    secrets: await secretsIn(secrets, context),
  };
  const where = { logs, name: way, scratch, limit, longest, signal, published: expect.published ?? {} };
  const outcome = await beside(busy, () => boot((io) => qemuArgv({ ...machine, ...io }), where));
  await record(judge(way, expect, outcome, probe ?? 1));
  await conclude();
  return { name: target, version: '0.1.0', licence: 'Apache-2.0', details: { accelerator, boot: way } };
}

/**
 * A direct boot does not read the ISO, so that another boot loader is no reason to boot again: its medium has the root file system alone. An
 * image without one has everything in its initramfs.
 */
async function withRootfs({ kernel, initramfs }: Artifacts, { artifact, scratch }: BuildContext): Promise<Artifacts> {
  const rootfs = join(artifact('rootfs'), 'rootfs.squashfs');
  if (!(await exists(rootfs))) return { kernel, initramfs };
  const [root, iso] = [join(scratch, 'medium'), join(scratch, 'medium.iso')];
  await mkdir(join(root, 'boot'), { recursive: true });
  await copyFile(rootfs, join(root, 'boot/rootfs.squashfs'));
  await run(['xorriso', '-no_rc', '-as', 'mkisofs', '-quiet', '-rational-rock', '-output', iso, root]);
  return { kernel, initramfs, iso };
}
