import { BuildError, defineExecutor, readHostTools, requireHostTools, run, type BuildContext, type ManifestInput } from '@container-os/core';
import { fileEntry, symlinkEntry, type Entry } from '@container-os/cpio';
import { writeLayer } from '@container-os/cpio/fs';
import { configure, make, type ConfigureOptions } from '@container-os/kbuild';
import { manifestSources, readReceipt, unpackTree } from '@container-os/sources';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BusyboxOptions } from './schema.d.ts';

const hostTools = readHostTools(import.meta.url, '../host-tools.json');

interface BusyboxPlan extends ConfigureOptions {
  compilerLauncher: string | undefined;
}

/** Builds a layer of `bin/busybox` and a symlink for each applet, where BusyBox itself installs it. */
export default defineExecutor<BusyboxOptions, BusyboxPlan>({
  plan: ({ defconfig = 'defconfig', fragments = [], allow = {}, compilerLauncher }) => ({ defconfig, fragments, allow, finish: 'oldconfig', compilerLauncher }),
  run: buildBusybox,
});

async function buildBusybox(plan: BusyboxPlan, context: BuildContext): Promise<ManifestInput> {
  const { scratch, out, log } = context;
  await requireHostTools(hostTools, 'busybox');
  const receipt = await readReceipt(context.artifact('sources'), 'busybox');
  const tree = await unpackTree(receipt, context);
  await configure(tree, scratch, plan, context);
  await log.step('compile', (step) => make(tree, scratch, { arguments: [`EXTRA_CFLAGS=-ffile-prefix-map=${tree}/=`, 'all', 'busybox.links'], progress: 'busybox', compilerLauncher: plan.compilerLauncher }, { ...context, log: step }));
  const applets = appletLinks(await readFile(join(scratch, 'busybox.links'), 'utf8'));
  await requireWorking(join(scratch, 'busybox'));
  await writeLayer(join(out, 'layer.cpio'), [fileEntry('bin/busybox', await readFile(join(scratch, 'busybox')), 0o755), ...applets]);
  const { stdout } = await run(['gcc', '-dumpfullversion']);
  log.info(`${applets.length} applets`);
  return { name: 'busybox', version: receipt.version, licence: receipt.licence, sources: manifestSources(receipt), toolchain: { gcc: stdout.trim() }, details: { applets: applets.length } };
}

/** Symlinks from `busybox.links`, a path a line. BusyBox lists itself too: that link would lead to itself. */
export function appletLinks(links: string): Entry[] {
  const paths = links.split('\n').map((line) => line.trim().replace(/^\//, '')).filter((path) => path !== '' && path !== 'bin/busybox');
  return paths.map((path) => symlinkEntry(path, '/bin/busybox'));
}

async function requireWorking(busybox: string): Promise<void> {
  const { stdout } = await run([busybox, 'ash', '-c', 'echo works'], { timeout: 10 });
  if (stdout !== 'works\n') throw new BuildError('BUSYBOX_UNUSABLE', `busybox ash printed ${JSON.stringify(stdout)}, expected "works"`, { hint: 'Its configuration needs CONFIG_ASH and CONFIG_STATIC.' });
}
