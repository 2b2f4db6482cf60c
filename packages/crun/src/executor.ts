import { BuildError, defineExecutor, type BuildContext, type ManifestInput } from '@container-os/core';
import { fileEntry } from '@container-os/cpio';
import { writeLayer } from '@container-os/cpio/fs';
import { manifestSources, readOptionalReceipt, readReceipt, runProgram, unpackTree } from '@container-os/sources';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compileCrun } from './compile.ts';
import recipe from './recipe.json' with { type: 'json' };
import type { CrunOptions } from './schema.d.ts';

const PROGRAM = 'usr/sbin/crun';

/** Makes a layer with a static `usr/sbin/crun`, after running it. Makes no layer in a channel without crun. */
export default defineExecutor<CrunOptions, Record<string, never>>({ recipe, plan: () => ({}), run: buildCrun });

async function buildCrun(_plan: Record<string, never>, context: BuildContext): Promise<ManifestInput> {
  const sources = context.artifact('sources');
  const crun = await readOptionalReceipt(context, 'crun', 'the image needs another OCI runtime, such as runc');
  if (!crun) return { name: 'crun', version: 'none', licence: 'NOASSERTION' };
  const [libseccomp, libcap] = [await readReceipt(sources, 'libseccomp'), await readReceipt(sources, 'libcap')];
  const trees = { crun: await unpackTree(crun, context), libseccomp: await unpackTree(libseccomp, context), libcap: await unpackTree(libcap, context) };
  const program = await context.log.step('compile', () => compileCrun(trees, context));
  const entries = [fileEntry(PROGRAM, await readFile(program), 0o755)];
  // Whatever it is asked, crun first makes its state directory, which without this is root's: /run/crun.
  const env = { XDG_RUNTIME_DIR: context.scratch };
  requireUsable(await runProgram(entries, PROGRAM, ['--version'], context, { env }), crun.version);
  context.log.info(`crun ${crun.version} runs`);
  await writeLayer(join(context.out, 'layer.cpio'), entries);
  const licence = [crun, libseccomp, libcap].map((receipt) => `(${receipt.licence})`).join(' AND ');
  return { name: 'crun', version: crun.version, licence, sources: [crun, libseccomp, libcap].flatMap(manifestSources) };
}

/** Checks for the pinned version, and for the features that the containers' configuration needs. */
function requireUsable({ stdout }: { stdout: string }, version: string): void {
  const missing = ['+CAP', '+SECCOMP', '+EBPF'].filter((feature) => !stdout.split(/\s/).includes(feature));
  if (stdout.startsWith(`crun version ${version}\n`) && missing.length === 0) return;
  throw new BuildError('CRUN_UNUSABLE', `crun --version printed ${JSON.stringify(stdout)}, expected version ${version} with +CAP, +SECCOMP and +EBPF`, {
    hint: 'Check the pins of the sources "crun", "libseccomp" and "libcap".',
  });
}
