import { defineExecutor, type BuildContext, type ManifestInput } from '@container-os/core';
import type { Entry } from '@container-os/cpio';
import { writeLayer } from '@container-os/cpio/fs';
import { join } from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };
import { compileAdopt, compileCopyUp, compileForget, compileIdmap, compileOciRuntime, compileResolver } from './compile.ts';
import recipe from './recipe.json' with { type: 'json' };
import type { ProgramsOptions } from './schema.d.ts';

/** Makes the layer with the programs that the boot scripts, the supervisors and cosctl call. No image changes them. */
export default defineExecutor<ProgramsOptions, Record<string, never>>({ recipe, plan: () => ({}), run: buildPrograms });

async function buildPrograms(_plan: Record<string, never>, { log, logFile, out, scratch, signal }: BuildContext): Promise<ManifestInput> {
  const layer: Entry[] = [];
  await log.step('compile', async () => {
    for (const compile of [compileAdopt, compileCopyUp, compileForget, compileIdmap, compileOciRuntime, compileResolver])
      layer.push(await compile(scratch, { logFile, signal }));
  });
  await writeLayer(join(out, 'layer.cpio'), layer);
  return { name: 'programs', version: packageJson.version, licence: packageJson.license };
}
