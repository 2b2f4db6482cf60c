import { BuildError, defineExecutor, readHostTools, requireHostTools, type BuildContext, type ManifestInput } from '@container-os/core';
import { fileEntry } from '@container-os/cpio';
import { writeLayer } from '@container-os/cpio/fs';
import { manifestSources, obtain, readReceipt, runProgram, unpackDebs, type Receipt } from '@container-os/sources';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TiniOptions } from './schema.d.ts';

const hostTools = readHostTools(import.meta.url, '../host-tools.json');

/** In the OS; a container that asks for an init has it mounted. */
const PROGRAM = 'usr/sbin/tini';

/** Writes a layer of `usr/sbin/tini`, static, after running it. */
export default defineExecutor<TiniOptions, Record<string, never>>({ plan: () => ({}), run: buildTini });

async function buildTini(_plan: Record<string, never>, context: BuildContext): Promise<ManifestInput> {
  await requireHostTools(hostTools, 'tini');
  const receipt = await readReceipt(context.artifact('sources'), 'tini');
  const entries = [fileEntry(PROGRAM, await readFile(await findProgram(receipt, context)), 0o755)];
  const { stdout } = await runProgram(entries, PROGRAM, ['--version'], context);
  const version = /^tini version (\S+)/.exec(stdout)?.[1];
  if (!version || !receipt.version.startsWith(version)) {
    throw new BuildError('TINI_UNUSABLE', `tini --version printed ${JSON.stringify(stdout.split('\n')[0])}, expected version ${receipt.version}`, { hint: 'Check the pin of source "tini".' });
  }
  context.log.info(`tini ${version} runs`);
  await writeLayer(join(context.out, 'layer.cpio'), entries);
  return { name: 'tini', version: receipt.version, licence: receipt.licence, sources: manifestSources(receipt) };
}

/** Static in both channels: it must run in any container. */
async function findProgram(receipt: Receipt, context: BuildContext): Promise<string> {
  if (receipt.channel === 'debian') return join(await unpackDebs(receipt, context), 'usr/bin/tini-static');
  const [file] = await obtain(receipt, context);
  if (!file) throw new Error('a receipt without files');
  return file.path;
}
