import { BuildError, defineExecutor, run, type BuildContext, type ManifestInput } from '@container-os/core';
import { fileEntry } from '@container-os/cpio';
import { writeLayer } from '@container-os/cpio/fs';
import { manifestSources, obtainOne, readReceipt, runProgram, unpackTree, type Receipt } from '@container-os/sources';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import recipe from './recipe.json' with { type: 'json' };
import type { TiniOptions } from './schema.d.ts';

/** Path in the OS; a container with an init has the program mounted. */
const PROGRAM = 'usr/sbin/tini';

/** Makes a layer with a static `usr/sbin/tini`, after running it. */
export default defineExecutor<TiniOptions, Record<string, never>>({ recipe, plan: () => ({}), run: buildTini });

async function buildTini(_plan: Record<string, never>, context: BuildContext): Promise<ManifestInput> {
  const receipt = await readReceipt(context.artifact('sources'), 'tini');
  const entries = [fileEntry(PROGRAM, await readFile(await findProgram(receipt, context)), 0o755)];
  const { stdout } = await runProgram(entries, PROGRAM, ['--version'], context);
  const version = /^tini version (\S+)/.exec(stdout)?.[1];
  if (!version || !receipt.version.startsWith(version)) {
    throw new BuildError('TINI_UNUSABLE', `tini --version printed ${JSON.stringify(stdout.split('\n')[0])}, expected version ${receipt.version}`, {
      hint: 'Check the pin of source "tini".',
    });
  }
  context.log.info(`tini ${version} runs`);
  await writeLayer(join(context.out, 'layer.cpio'), entries);
  return { name: 'tini', version: receipt.version, licence: receipt.licence, sources: manifestSources(receipt) };
}

/** A static program in both channels, because it must run in any container. Debian's source is compiled with musl: glibc would make it 12 times as large. */
async function findProgram(receipt: Receipt, context: BuildContext): Promise<string> {
  return receipt.channel === 'debian' ? compile(receipt, context) : obtainOne(receipt, context);
}

async function compile(receipt: Receipt, context: BuildContext): Promise<string> {
  const { scratch, log, logFile, signal } = context;
  const tree = await unpackTree(receipt, context);
  const program = join(scratch, 'tini');
  // The header that its CMakeLists.txt generates.
  await writeFile(join(scratch, 'tiniConfig.h'), `#define TINI_VERSION "${receipt.version}"\n#define TINI_GIT ""\n`);
  const flags = [
    '-std=gnu99',
    '-Os',
    '-static',
    '-s',
    '-fstack-protector-strong',
    '-D_GNU_SOURCE',
    // Declares basename, which string.h of musl does not do since 1.2.5: GCC 14 takes that for an error.
    '-include',
    'libgen.h',
    '-DPR_SET_CHILD_SUBREAPER=36',
    '-DPR_GET_CHILD_SUBREAPER=37',
    '-Wl,--build-id=none',
  ];
  await log.step('compile', () =>
    run(['musl-gcc', ...flags, `-ffile-prefix-map=${tree}=`, `-I${scratch}`, '-o', program, join(tree, 'src/tini.c')], { logFile, signal }),
  );
  return program;
}
