import { MUSL_SPECS, muslFlags } from '@container-os/compiler';
import { BuildError, defineExecutor, run, type BuildContext, type ManifestInput } from '@container-os/core';
import { fileEntry, symlinkEntry, type Entry } from '@container-os/cpio';
import { writeLayer } from '@container-os/cpio/fs';
import { configure, make, type ConfigureOptions } from '@container-os/kbuild';
import { manifestSources, readReceipt, unpackTree } from '@container-os/sources';
import { mkdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import recipe from './recipe.json' with { type: 'json' };
import type { BusyboxOptions } from './schema.d.ts';

interface BusyboxPlan extends ConfigureOptions {
  compilerLauncher: string | undefined;
}

/** Builds a layer with `bin/busybox` and a symlink for each applet, at the path where BusyBox installs it. */
export default defineExecutor<BusyboxOptions, BusyboxPlan>({
  recipe,
  plan: ({ base, fragments, allow, compilerLauncher }) => ({ base, fragments, allow, finish: 'oldconfig', compilerLauncher }),
  run: buildBusybox,
});

async function buildBusybox(plan: BusyboxPlan, context: BuildContext): Promise<ManifestInput> {
  const { scratch, out, log } = context;
  const receipt = await readReceipt(context.artifact('sources'), 'busybox');
  const tree = await unpackTree(receipt, context);
  await configure(tree, scratch, plan, context);
  const variables = muslVariables(tree, await kernelHeaders(scratch), await muslFlags());
  await log.step('compile', (step) =>
    make(
      tree,
      scratch,
      { arguments: [...variables, 'all', 'busybox.links'], progress: 'busybox', objects: 630, isListed: true, compilerLauncher: plan.compilerLauncher },
      { ...context, log: step },
    ),
  );
  const applets = appletLinks(await readFile(join(scratch, 'busybox.links'), 'utf8'));
  await requireWorking(join(scratch, 'busybox'));
  await writeLayer(join(out, 'layer.cpio'), [fileEntry('bin/busybox', await readFile(join(scratch, 'busybox')), 0o755), ...applets]);
  log.info(`${applets.length} applets`);
  return {
    name: 'busybox',
    version: receipt.version,
    licence: receipt.licence,
    sources: manifestSources(receipt),
    details: { applets: applets.length },
  };
}

/** make's variables for linking with musl instead of glibc: the program is half as large, and starts faster. */
export function muslVariables(tree: string, headers: string, musl: readonly string[]): string[] {
  return [
    `EXTRA_CFLAGS=-ffile-prefix-map=${tree}/= ${musl.join(' ')} -idirafter ${headers}`,
    `EXTRA_LDFLAGS=-specs=${MUSL_SPECS}`,
    // musl's libc.a includes crypt; BusyBox would look for glibc's separate library.
    'CRYPT_AVAILABLE=n',
  ];
}

/** A directory with this host's kernel headers and none of glibc's. */
async function kernelHeaders(scratch: string): Promise<string> {
  const headers = join(scratch, 'kernel-headers');
  await mkdir(headers);
  for (const name of ['linux', 'asm-generic', 'mtd']) await symlink(`/usr/include/${name}`, join(headers, name));
  await symlink('/usr/include/x86_64-linux-gnu/asm', join(headers, 'asm'));
  return headers;
}

/** Symlinks from `busybox.links`, one path per line. BusyBox lists itself too; a link for it would point to itself. */
export function appletLinks(links: string): Entry[] {
  const paths = links
    .split('\n')
    .map((line) => line.trim().replace(/^\//, ''))
    .filter((path) => path !== '' && path !== 'bin/busybox');
  return paths.map((path) => symlinkEntry(path, '/bin/busybox'));
}

async function requireWorking(busybox: string): Promise<void> {
  const { stdout } = await run([busybox, 'ash', '-c', 'echo works'], { timeout: 10 });
  if (stdout !== 'works\n')
    throw new BuildError('BUSYBOX_UNUSABLE', `busybox ash printed ${JSON.stringify(stdout)}, expected "works"`, {
      hint: 'The configuration of BusyBox needs CONFIG_ASH and CONFIG_STATIC.',
    });
}
