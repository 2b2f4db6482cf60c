import { defineExecutor, run, type BuildContext, type ManifestInput } from '@container-os/core';
import { directoryEntry, fileEntry, type Entry } from '@container-os/cpio';
import { writeLayer } from '@container-os/cpio/fs';
import { manifestSources, readReceipt, unpackTree } from '@container-os/sources';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import packageJson from '../../package.json' with { type: 'json' };
import { compileArgv } from '../musl.ts';
import { readPciDrivers } from './pci-drivers.ts';
import { encodeTable } from './pci-table.ts';
import recipe from './recipe.json' with { type: 'json' };
import type { EarlyInitOptions } from './schema.d.ts';

/** Makes the layer of an initramfs that finds the root file system on the boot medium. */
export default defineExecutor<EarlyInitOptions, Record<string, never>>({ recipe, plan: () => ({}), run: buildEarlyInit });

async function buildEarlyInit(_plan: Record<string, never>, context: BuildContext): Promise<ManifestInput> {
  const { artifact, log, logFile, out, scratch, signal } = context;
  const receipt = await readReceipt(artifact('sources'), 'linux');
  const tree = await unpackTree(receipt, context);
  const init = join(scratch, 'init');
  const drivers = await log.step('read the PCI drivers of Linux', () => readPciDrivers(tree, { logFile, signal }));
  await log.step('compile', () => run(compileArgv(fileURLToPath(new URL('early-init.c', import.meta.url)), init), { logFile, signal }));
  await writeLayer(join(out, 'layer.cpio'), earlyRoot(await readFile(init), encodeTable(drivers)));
  return { name: 'early-init', version: packageJson.version, licence: packageJson.license, sources: manifestSources(receipt) };
}

/** `/init` and what it needs: the table of Linux's drivers, its mount points, and the console that the kernel opens for it. */
export function earlyRoot(init: Uint8Array, drivers: string): Entry[] {
  return [
    fileEntry('init', init, 0o755),
    fileEntry('pci-drivers', drivers),
    { ...directoryEntry('dev/console', 0o600), type: 'character', major: 5, minor: 1 },
    ...['dev', 'medium', 'proc', 'root', 'sys'].map((path) => directoryEntry(path)),
  ];
}
