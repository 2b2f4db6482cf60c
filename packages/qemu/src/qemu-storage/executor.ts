import { defineExecutor, type BuildContext, type ManifestInput } from '@container-os/core';
import { startBootTest } from '../boot-test.ts';
import { DIRECT_CMDLINE, qemuArgv, type Machine } from '../guest/machine.ts';
import { boot } from '../guest/boot.ts';
import { planStorage, type StoragePlan } from './plan.ts';
import recipe from './recipe.json' with { type: 'json' };
import { scenarios, type BootDisks } from './scenarios.ts';
import type { StorageOptions } from './schema.d.ts';

/** Boots the image with data disks in every state. Makes `report.json`, `junit.xml`, and the console and report of each boot. */
export default defineExecutor<StorageOptions, StoragePlan>({ recipe, plan: planStorage, run: storage });

async function storage({ container, file, memory, accelerator: wanted }: StoragePlan, context: BuildContext): Promise<ManifestInput> {
  const { image, target, scratch, signal } = context;
  const { artifacts, accelerator, limit, logs, record, conclude } = await startBootTest(
    { boots: ['direct'], memory, accelerator: wanted, title: `${image} storage` },
    context,
  );
  const bootDisks: BootDisks = (name, disks, cutPower) => {
    // No tests; or the containers' last lines repeatedly, until the power is cut.
    const cmdline = `${DIRECT_CMDLINE} container-os.tests=${cutPower ? 'words' : 'none'}`;
    const machine: Machine = { boot: 'direct', accelerator, memory, artifacts, cmdline, disks, console: 'stdout' };
    return boot((io) => qemuArgv({ ...machine, ...io }), { logs, name, scratch, limit, longest: 300, signal, ...(cutPower ? { cutPower } : {}) });
  };
  const boots: string[] = [];
  for await (const result of scenarios({ container, file, scratch, bootDisks })) {
    boots.push(result.boot);
    await record(result);
  }
  await conclude();
  return { name: target, version: '0.1.0', licence: 'Apache-2.0', details: { accelerator, boots } };
}
