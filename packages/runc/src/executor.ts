import { BuildError, defineExecutor, type BuildContext, type ManifestInput } from '@container-os/core';
import { fileEntry, type Entry } from '@container-os/cpio';
import { writeLayer } from '@container-os/cpio/fs';
import { manifestSources, obtainOne, programEntries, readReceipt, runProgram, unpackDebs } from '@container-os/sources';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openEscapes } from './escapes.ts';
import recipe from './recipe.json' with { type: 'json' };
import type { RuncOptions } from './schema.d.ts';

/** Marker file for the OS and for rootfs: this runc has no id-mapped mounts; its text is the reason. */
const NO_IDMAP = 'usr/lib/oci-runtime/no-idmap';

/** Makes a layer with `usr/sbin/runc`, after running it. */
export default defineExecutor<RuncOptions, Record<string, never>>({ recipe, plan: () => ({}), run: buildRunc });

async function buildRunc(_plan: Record<string, never>, context: BuildContext): Promise<ManifestInput> {
  const receipt = await readReceipt(context.artifact('sources'), 'runc');
  const entries =
    receipt.channel === 'debian'
      ? await programEntries(await unpackDebs(receipt, context), { 'usr/sbin/runc': 'usr/sbin/runc' })
      : // Upstream releases one static program.
        [fileEntry('usr/sbin/runc', await readFile(await obtainOne(receipt, context)), 0o755)];
  const { stdout } = await runProgram(entries, 'usr/sbin/runc', ['--version'], context);
  const version = /^runc version (\S+)/.exec(stdout)?.[1];
  if (!version || !receipt.version.startsWith(version.split('+')[0] ?? version)) {
    throw new BuildError('RUNC_UNUSABLE', `runc --version printed ${JSON.stringify(stdout.split('\n')[0])}, expected version ${receipt.version}`, {
      hint: 'Check the pin of source "runc".',
    });
  }
  context.log.info(`runc ${version} runs`);
  const escapes = receipt.channel === 'debian' ? [] : openEscapes(version);
  if (escapes.length > 0) context.log.warn(`runc ${version} has known container escapes, which later versions close: ${escapes.join(', ')}`);
  const limits = (await mapsIds(entries, context)) ? [] : [fileEntry(NO_IDMAP, `runc ${version} has no id-mapped mounts; use crun, or runc 1.2 or later\n`)];
  if (limits.length > 0) context.log.warn(`runc ${version} has no id-mapped mounts: named volumes are refused`);
  await writeLayer(join(context.out, 'layer.cpio'), [...entries, ...limits]);
  return { name: 'runc', version: receipt.version, licence: receipt.licence, sources: manifestSources(receipt) };
}

/** `runc features` prints the JSON of the OCI runtime specification's features.md. */
async function mapsIds(entries: readonly Entry[], context: BuildContext): Promise<boolean> {
  const { stdout } = await runProgram(entries, 'usr/sbin/runc', ['features'], context);
  const { linux } = JSON.parse(stdout) as { linux?: { mountExtensions?: { idmap?: { enabled?: boolean } } } };
  return linux?.mountExtensions?.idmap?.enabled ?? false;
}
