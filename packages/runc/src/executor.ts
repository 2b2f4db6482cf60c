import { BuildError, defineExecutor, type BuildContext, type ManifestInput } from '@container-os/core';
import { fileEntry, type Entry } from '@container-os/cpio';
import { writeLayer } from '@container-os/cpio/fs';
import { manifestSources, obtain, programEntries, readReceipt, runProgram, unpackDebs } from '@container-os/sources';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import recipe from './recipe.json' with { type: 'json' };
import type { RuncOptions } from './schema.d.ts';

/** Writes a layer of `usr/sbin/runc`, after running it. */
export default defineExecutor<RuncOptions, Record<string, never>>({ recipe, plan: () => ({}), run: buildRunc });

async function buildRunc(_plan: Record<string, never>, context: BuildContext): Promise<ManifestInput> {
  const receipt = await readReceipt(context.artifact('sources'), 'runc');
  const entries = receipt.channel === 'debian' ? await programEntries(await unpackDebs(receipt, context), { 'usr/sbin/runc': 'usr/sbin/runc' }) : await staticRunc(receipt, context);
  const { stdout } = await runProgram(entries, 'usr/sbin/runc', ['--version'], context);
  const version = /^runc version (\S+)/.exec(stdout)?.[1];
  if (!version || !receipt.version.startsWith(version.split('+')[0] ?? version)) {
    throw new BuildError('RUNC_UNUSABLE', `runc --version printed ${JSON.stringify(stdout.split('\n')[0])}, expected version ${receipt.version}`, { hint: 'Check the pin of source "runc".' });
  }
  context.log.info(`runc ${version} runs`);
  await writeLayer(join(context.out, 'layer.cpio'), entries);
  return { name: 'runc', version: receipt.version, licence: receipt.licence, sources: manifestSources(receipt) };
}

/** Upstream releases one static program. */
async function staticRunc(receipt: Parameters<typeof obtain>[0], context: BuildContext): Promise<Entry[]> {
  const [file] = await obtain(receipt, context);
  if (!file) throw new Error('a receipt without files');
  return [fileEntry('usr/sbin/runc', await readFile(file.path), 0o755)];
}
