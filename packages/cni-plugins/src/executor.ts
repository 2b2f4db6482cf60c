import { BuildError, cacheDir, defineExecutor, run, type BuildContext, type ManifestInput } from '@container-os/core';
import { fileEntry, merge, symlinkEntry, type Entry } from '@container-os/cpio';
import { writeLayer } from '@container-os/cpio/fs';
import { manifestSources, obtainOne, programEntries, readReceipt, runProgram, unpackDebs, unpackTree, type Receipt } from '@container-os/sources';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { compileMulticall, findPlugins } from './multicall.ts';
import recipe from './recipe.json' with { type: 'json' };
import type { CniPluginsOptions } from './schema.d.ts';

interface CniPluginsPlan {
  plugins: string[];
  /** Whether a plugin calls nft, for masquerading, published ports or firewall rules. */
  needsNft: boolean;
}

/** The plugins as entries of a layer, and the receipts of their sources. */
interface Plugins {
  entries: Entry[];
  receipts: Receipt[];
}

/** Makes a layer with `opt/cni/bin/<plugin>` and, if a plugin calls it, `usr/sbin/nft`. */
export default defineExecutor<CniPluginsOptions, CniPluginsPlan>({
  recipe,
  plan: ({ plugins }) => ({ plugins: [...plugins].sort(), needsNft: plugins.some((name) => ['bridge', 'firewall', 'portmap', 'ptp'].includes(name)) }),
  run: buildPlugins,
});

async function buildPlugins({ plugins, needsNft }: CniPluginsPlan, context: BuildContext): Promise<ManifestInput> {
  const receipt = await readReceipt(context.artifact('sources'), 'cni-plugins');
  const { entries, receipts } = await (receipt.channel === 'debian' ? compiled : released)(plugins, receipt, context);
  for (const name of plugins) {
    const { stdout } = await runProgram(entries, `opt/cni/bin/${name}`, [], context, { env: { CNI_COMMAND: 'VERSION' }, input: '{"cniVersion":"1.0.0"}' });
    if (!stdout.includes('"supportedVersions"'))
      throw new BuildError('CNI_PLUGIN_UNUSABLE', `${name} answered VERSION with ${JSON.stringify(stdout)}`, {
        hint: 'Check the pin of source "cni-plugins".',
      });
  }
  const nft = needsNft && receipt.channel === 'debian' ? await readReceipt(context.artifact('sources'), 'nftables') : undefined;
  const nftEntries = nft ? await programEntries(await unpackDebs(nft, context), { 'usr/sbin/nft': 'usr/sbin/nft' }) : [];
  if (nft) await runProgram(nftEntries, 'usr/sbin/nft', ['--version'], context);
  else if (needsNft) context.log.warn('this channel has no nft: ipMasq and published ports will not work');
  context.log.info(`${plugins.join(', ')}${nft ? ' and nft' : ''} run`);
  await writeLayer(
    join(context.out, 'layer.cpio'),
    merge([
      { name: 'cni-plugins', entries },
      { name: 'nftables', entries: nftEntries },
    ]),
  );
  const licence = [...new Set(receipts.map((one) => one.licence))].join(' AND ');
  return {
    name: 'cni-plugins',
    version: receipt.version,
    licence,
    sources: [...receipts, ...(nft ? [nft] : [])].flatMap(manifestSources),
    details: { plugins },
  };
}

/** Compiles one static program, with a link for each plugin. */
async function compiled(plugins: readonly string[], receipt: Receipt, context: BuildContext): Promise<Plugins> {
  const sources = context.artifact('sources');
  const [go, libraries] = [await readReceipt(sources, 'go'), await readReceipt(sources, 'cni-plugins-libraries')];
  const source = await unpackTree(receipt, context);
  const available = await findPlugins(source);
  requireKnown(
    plugins,
    available.map(({ name }) => name),
    receipt,
  );
  const goTree = await unpackDebs(go, context);
  const trees = {
    source,
    go: await goRoot(goTree),
    cache: cacheDir('go-build', basename(goTree)),
    libraries: join(await unpackDebs(libraries, context), 'usr/share/gocode'),
  };
  const chosen = available.filter(({ name }) => plugins.includes(name));
  const version = receipt.version.replace(/\+.*/, '');
  const program = await context.log.step('compile', () => compileMulticall(trees, chosen, version, context.scratch, context));
  const [first = '', ...others] = plugins;
  const entries = [fileEntry(`opt/cni/bin/${first}`, await readFile(program), 0o755), ...others.map((name) => symlinkEntry(`opt/cni/bin/${name}`, first))];
  return { entries, receipts: [receipt, go, libraries] };
}

/** Finds GOROOT: Debian's path contains the version. */
async function goRoot(tree: string): Promise<string> {
  const lib = join(tree, 'usr/lib');
  const name = (await readdir(lib)).find((one) => /^go-\d/.test(one));
  if (!name) throw new BuildError('GO_MISSING', `${lib} has no directory go-VERSION`, { hint: 'Check the pin of source "go".' });
  return join(lib, name);
}

/** Unpacks the programs of upstream's release. */
async function released(plugins: readonly string[], receipt: Receipt, context: BuildContext): Promise<Plugins> {
  const archive = await obtainOne(receipt, context);
  const root = join(context.scratch, 'upstream');
  await mkdir(root);
  await run(['tar', '--extract', '--no-same-owner', `--file=${archive}`, `--directory=${root}`, '--wildcards', './[a-z]*'], { signal: context.signal });
  requireKnown(plugins, (await readdir(root)).sort(), receipt);
  return { entries: await programEntries(root, Object.fromEntries(plugins.map((name) => [name, `opt/cni/bin/${name}`]))), receipts: [receipt] };
}

function requireKnown(plugins: readonly string[], available: readonly string[], { version }: Receipt): void {
  const unknown = plugins.find((name) => !available.includes(name));
  if (unknown !== undefined)
    throw new BuildError('CNI_PLUGIN_UNKNOWN', `plugins: "${unknown}" is not in cni-plugins ${version}, which has ${available.join(', ')}`, {
      hint: 'Correct the name.',
    });
}
