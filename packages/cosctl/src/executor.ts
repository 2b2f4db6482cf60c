import { defineExecutor, run, type BuildContext, type ManifestInput } from '@container-os/core';
import { fileEntry } from '@container-os/cpio';
import { writeLayer } from '@container-os/cpio/fs';
import { readProfile } from '@container-os/oci-bundle';
import { manifestSources, readOptionalReceipt, unpackTree } from '@container-os/sources';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import packageJson from '../package.json' with { type: 'json' };
import { bundleProgram } from './bundle.ts';
import { compileProgram } from './compile.ts';
import recipe from './recipe.json' with { type: 'json' };
import type { CosctlOptions } from './schema.d.ts';

/**
 * Makes a layer with `usr/bin/cosctl`, a static program of QuickJS and the bytecode of program/, and with Docker's
 * seccomp profile for the containers that cosctl creates. In a channel without QuickJS the layer is empty.
 */
export default defineExecutor<CosctlOptions, Record<string, never>>({ recipe, plan: () => ({}), run: buildCosctl });

async function buildCosctl(_plan: Record<string, never>, context: BuildContext): Promise<ManifestInput> {
  const receipt = await readOptionalReceipt(context, 'quickjs', 'the image will have no cosctl');
  const layer = join(context.out, 'layer.cpio');
  if (!receipt) {
    await writeLayer(layer, []);
    return { name: 'cosctl', version: packageJson.version, licence: packageJson.license };
  }
  const { defaultAction, defaultErrnoRet, syscalls } = await readProfile(context.artifact('seccomp-profile'));
  const quickjs = await unpackTree(receipt, context);
  const script = await bundleProgram(context.scratch, packageJson.version);
  const program = await context.log.step('compile', () => compileProgram(quickjs, script, context));
  const { stdout } = await run([program, 'version', '--client'], { timeout: 10 });
  context.log.info(stdout.trim());
  await writeLayer(layer, [
    fileEntry('usr/bin/cosctl', await readFile(program), 0o755),
    fileEntry('usr/share/container-os/seccomp-profile.json', JSON.stringify({ defaultAction, defaultErrnoRet, syscalls })),
  ]);
  return {
    name: 'cosctl',
    version: packageJson.version,
    licence: `${packageJson.license} AND ${receipt.licence}`,
    sources: manifestSources(receipt),
  };
}
