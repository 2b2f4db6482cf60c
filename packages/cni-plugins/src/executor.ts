import { BuildError, defineExecutor, readHostTools, requireHostTools, run, type BuildContext, type ManifestInput } from '@container-os/core';
import { merge } from '@container-os/cpio';
import { writeLayer } from '@container-os/cpio/fs';
import { manifestSources, obtain, programEntries, readReceipt, runProgram, unpackDebs, type Receipt } from '@container-os/sources';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { CniPluginsOptions } from './schema.d.ts';

const hostTools = readHostTools(import.meta.url, '../host-tools.json');

interface CniPluginsPlan {
  plugins: string[];
  /** Masquerade, port maps and firewall rules of these plugins are made by nft. */
  needsNft: boolean;
}

/** Writes a layer of `opt/cni/bin/<plugin>` and, where they call it, `usr/sbin/nft`. */
export default defineExecutor<CniPluginsOptions, CniPluginsPlan>({
  plan: ({ plugins = ['bridge', 'host-local', 'loopback', 'portmap'] }) => ({ plugins: [...plugins].sort(), needsNft: plugins.some((name) => ['bridge', 'firewall', 'portmap', 'ptp'].includes(name)) }),
  run: buildPlugins,
});

async function buildPlugins({ plugins, needsNft }: CniPluginsPlan, context: BuildContext): Promise<ManifestInput> {
  await requireHostTools(hostTools, 'cni-plugins');
  const receipt = await readReceipt(context.artifact('sources'), 'cni-plugins');
  const { root, directory } = await unpackPlugins(receipt, context);
  const available = (await readdir(join(root, directory))).sort();
  const unknown = plugins.find((name) => !available.includes(name));
  if (unknown !== undefined) throw new BuildError('CNI_PLUGIN_UNKNOWN', `plugins: "${unknown}" is not in cni-plugins ${receipt.version}, which has ${available.join(', ')}`, { hint: 'Correct the name.' });
  const entries = await programEntries(root, Object.fromEntries(plugins.map((name) => [join(directory, name), `opt/cni/bin/${name}`])));
  for (const name of plugins) {
    const { stdout } = await runProgram(entries, `opt/cni/bin/${name}`, [], context, { env: { CNI_COMMAND: 'VERSION' }, input: '{"cniVersion":"1.0.0"}' });
    if (!stdout.includes('"supportedVersions"')) throw new BuildError('CNI_PLUGIN_UNUSABLE', `${name} answered VERSION with ${JSON.stringify(stdout)}`, { hint: 'Check the pin of source "cni-plugins".' });
  }
  const nft = needsNft && receipt.channel === 'debian' ? await readReceipt(context.artifact('sources'), 'nftables') : undefined;
  const nftEntries = nft ? await programEntries(await unpackDebs(nft, context), { 'usr/sbin/nft': 'usr/sbin/nft' }) : [];
  if (nft) await runProgram(nftEntries, 'usr/sbin/nft', ['--version'], context);
  else if (needsNft) context.log.warn('this channel has no nft: ipMasq and port maps will not work');
  context.log.info(`${plugins.join(', ')}${nft ? ' and nft' : ''} run`);
  await writeLayer(join(context.out, 'layer.cpio'), merge([{ name: 'cni-plugins', entries }, { name: 'nftables', entries: nftEntries }]));
  return { name: 'cni-plugins', version: receipt.version, licence: receipt.licence, sources: [...manifestSources(receipt), ...(nft ? manifestSources(nft) : [])], details: { plugins } };
}

/** Debian packages hold the plugins at usr/lib/cni, the upstream archive at its top. */
async function unpackPlugins(receipt: Receipt, context: BuildContext): Promise<{ root: string; directory: string }> {
  if (receipt.channel === 'debian') return { root: await unpackDebs(receipt, context), directory: 'usr/lib/cni' };
  const [file] = await obtain(receipt, context);
  if (!file) throw new Error('a receipt without files');
  const root = join(context.scratch, 'upstream');
  await mkdir(root);
  await run(['tar', '--extract', '--no-same-owner', `--file=${file.path}`, `--directory=${root}`, '--wildcards', './[a-z]*'], { signal: context.signal });
  return { root, directory: '.' };
}
