import { defineExecutor, readImageText, type BuildContext, type ManifestInput } from '@container-os/core';
import { bytesOf, fileEntry, symlinkEntry, type Entry } from '@container-os/cpio';
import { readTree, writeLayer } from '@container-os/cpio/fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import packageJson from '../package.json' with { type: 'json' };
import { firewallRules } from './networks/firewall.ts';
import { bridgesText, networkEntries, parseNetworkList, requireOwnNames } from './network.ts';
import { planRuntime, type RuntimePlan } from './plan.ts';
import recipe from './recipe.json' with { type: 'json' };
import type { SystemOptions } from './schema.d.ts';
import { skeleton } from './skeleton.ts';

/** Makes the layer with what runs inside the OS and is not compiled: scripts and configuration. */
export default defineExecutor<SystemOptions, RuntimePlan>({ recipe, plan: planRuntime, run: buildRuntime });

/** A link to the image's OCI runtime, for the program oci-runtime that scripts and cosctl call. */
const RUNTIME = 'usr/lib/container-os/oci-runtime';

const ROOTFS = fileURLToPath(new URL('../rootfs', import.meta.url));

async function buildRuntime(plan: RuntimePlan, context: BuildContext): Promise<ManifestInput> {
  const scripts = (await readTree(ROOTFS)).map((entry) => complete(entry, plan));
  const files = plan.networks.map(({ file }) => file);
  const texts = await Promise.all(plan.networks.map(async ({ file, text }) => text ?? (await readImageText(file, 'networks', context))));
  const networks = files.map((file, index) => networkEntries(file, texts[index] ?? '', index));
  const lists = requireOwnNames(
    files,
    files.map((file, index) => parseNetworkList(file, texts[index] ?? '')),
  );
  const firewall = firewallRules(lists);
  const bridges = fileEntry('usr/lib/container-os/bridges', bridgesText(lists));
  const motd = plan.motd === null ? [] : [fileEntry('etc/motd', await readImageText(plan.motd, 'motd', context))];
  const filter = firewall === undefined ? [] : [fileEntry('usr/lib/container-os/firewall.nft', firewall)];
  const ociRuntime = symlinkEntry(RUNTIME, `/usr/sbin/${plan.ociRuntime}`);
  const own = [ociRuntime, ...skeleton(plan, packageJson.version), ...networks.flat(), bridges, ...filter, ...motd];
  const replaced = new Set(motd.map(({ path }) => path));
  await writeLayer(join(context.out, 'layer.cpio'), [...scripts.filter(({ path }) => !replaced.has(path)), ...own]);
  return { name: 'system', version: packageJson.version, licence: packageJson.license };
}

/** A file that starts with #! is executable, whatever mode the checkout gave it. */
function complete(entry: Entry, { inittab }: RuntimePlan): Entry {
  if (entry.type !== 'file') return entry;
  const data = bytesOf(entry.data);
  if (entry.path === 'etc/inittab') return fileEntry(entry.path, `${Buffer.from(data).toString()}${inittab.map((line) => `${line}\n`).join('')}`);
  return { ...entry, mode: data[0] === 0x23 && data[1] === 0x21 ? 0o755 : 0o644 };
}
