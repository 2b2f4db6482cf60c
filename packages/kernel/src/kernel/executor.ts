import { BuildError, defineExecutor, run, type BuildContext, type ManifestInput } from '@container-os/core';
import { make } from '@container-os/kbuild';
import { manifestSources, readReceipt, unpackTree } from '@container-os/sources';
import { copyFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import recipe from './recipe.json' with { type: 'json' };
import type { KernelOptions } from './schema.d.ts';
import { writeUnitSymbols } from './unit-symbols.ts';

/** Builds `bzImage`, for boot loaders, and a stripped `vmlinux` with its PVH note, for direct boot under QEMU. */
export default defineExecutor<KernelOptions, KernelOptions>({ recipe, plan: (options) => options, run: buildKernel });

async function buildKernel({ compilerLauncher }: KernelOptions, context: BuildContext): Promise<ManifestInput> {
  const { artifact, out, scratch, log, logFile, signal } = context;
  const receipt = await readReceipt(artifact('sources'), 'linux');
  const tree = await unpackTree(receipt, context);
  await copyFile(join(artifact('kernel-config'), 'config'), join(scratch, '.config'));
  // O= and the tree lie where the user's cache is: neither path may show in __FILE__.
  const prefixes = [`-fmacro-prefix-map=${tree}/=`, `-fmacro-prefix-map=${dirname(tree)}/=`];
  await log.step('compile', (step) =>
    make(
      tree,
      scratch,
      { arguments: [`KCFLAGS=${prefixes.join(' ')}`, 'bzImage'], progress: 'kernel', objects: 2250, compilerLauncher, helpCcache: writeUnitSymbols },
      { ...context, log: step },
    ),
  );
  await copyFile(join(scratch, 'arch/x86/boot/bzImage'), join(out, 'bzImage'));
  await run(['strip', '--strip-all', '--enable-deterministic-archives', '-o', join(out, 'vmlinux'), join(scratch, 'vmlinux')], { logFile, signal });
  await requirePvhNote(join(out, 'vmlinux'));
  return { name: 'linux', version: receipt.version, licence: receipt.licence, sources: manifestSources(receipt) };
}

/** QEMU finds the entry point of an uncompressed kernel by this note (XEN_ELFNOTE_PHYS32_ENTRY, 0x12). */
async function requirePvhNote(vmlinux: string): Promise<void> {
  const { stdout } = await run(['readelf', '--notes', '--wide', vmlinux]);
  if (/Xen\s+0x\w+\s+.*(0x0*12|PHYS32)/i.test(stdout)) return;
  throw new BuildError('PVH_NOTE_MISSING', `${vmlinux} has no PVH note, without which QEMU cannot boot it directly`, {
    hint: 'Set CONFIG_PVH=y in a fragment.',
  });
}
