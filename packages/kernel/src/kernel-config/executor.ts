import { defineExecutor, type BuildContext, type ManifestInput } from '@container-os/core';
import { configure, type ConfigureOptions } from '@container-os/kbuild';
import { manifestSources, readReceipt, unpackTree } from '@container-os/sources';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import recipe from './recipe.json' with { type: 'json' };
import type { KernelConfigOptions } from './schema.d.ts';

/** Writes `config`, a complete kernel configuration in which every requested symbol has its value. */
export default defineExecutor<KernelConfigOptions, ConfigureOptions>({
  recipe,
  plan: ({ base, fragments, allow }) => ({ base, fragments, allow, finish: 'olddefconfig' }),
  run: configureKernel,
});

async function configureKernel(plan: ConfigureOptions, context: BuildContext): Promise<ManifestInput> {
  const receipt = await readReceipt(context.artifact('sources'), 'linux');
  const tree = await unpackTree(receipt, context);
  const { requests, absent, config } = await configure(tree, context.scratch, plan, context);
  await writeFile(join(context.out, 'config'), config);
  const enabled = config.split('\n').filter((line) => /^CONFIG_\w+=y$/.test(line)).length;
  const others = absent.length > 0 ? `; ${absent.length} more are of other versions` : '';
  context.log.info(`${requests.length - absent.length} symbols requested, all survived${others}; ${enabled} built in`);
  return {
    name: 'kernel-config',
    version: receipt.version,
    licence: receipt.licence,
    sources: manifestSources(receipt),
    details: { requested: requests.length, absent: absent.map(({ symbol }) => symbol), enabled },
  };
}
