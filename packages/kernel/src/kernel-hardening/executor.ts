import { BuildError, defineExecutor, run, type BuildContext, type ManifestInput } from '@container-os/core';
import { manifestSources, readReceipt, unpackDebs } from '@container-os/sources';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import recipe from './recipe.json' with { type: 'json' };
import { readChecks, reportChecks } from './report.ts';
import type { KernelHardeningOptions } from './schema.d.ts';

interface HardeningPlan {
  atLeast: number;
}

/** Writes `report.json`, as the checker prints it, and `report.txt`, what it recommends and the configuration has not. */
export default defineExecutor<KernelHardeningOptions, HardeningPlan>({ recipe, plan: ({ atLeast }) => ({ atLeast }), run: checkHardening });

async function checkHardening({ atLeast }: HardeningPlan, context: BuildContext): Promise<ManifestInput> {
  const { artifact, log, logFile, out, signal } = context;
  const receipt = await readReceipt(artifact('sources'), 'kernel-hardening-checker');
  const checker = await unpackDebs(receipt, context);
  const config = join(artifact('kernel-config'), 'config');
  // The unpacked tree is shared: Python must not write its bytecode there.
  const env = { PYTHONPATH: join(checker, 'usr/lib/python3/dist-packages'), PYTHONDONTWRITEBYTECODE: '1' };
  const { stdout } = await run(['python3', join(checker, 'usr/bin/kernel-hardening-checker'), '--config', config, '--mode', 'json'], { env, logFile, signal });
  const checks = readChecks(stdout);
  const followed = checks.filter((check) => check.check_result_bool).length;
  await writeFile(join(out, 'report.json'), `${JSON.stringify(checks, null, 2)}\n`);
  await writeFile(join(out, 'report.txt'), reportChecks(checks));
  log.info(`${followed} of ${checks.length} recommendations are followed; report.txt lists the others`);
  if (followed < atLeast) {
    const found = `${followed} of ${checks.length} recommendations of kernel-hardening-checker ${receipt.version} are followed`;
    throw new BuildError('KERNEL_HARDENING_LOST', `${found}, expected ${atLeast}\n${reportChecks(checks)}`, {
      hint: 'Set the lost symbols in a fragment, or lower "atLeast".',
    });
  }
  return {
    name: 'kernel-hardening',
    version: receipt.version,
    licence: receipt.licence,
    sources: manifestSources(receipt),
    details: { checks: checks.length, followed },
  };
}
