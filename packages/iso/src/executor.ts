import { defineExecutor, formatBytes, requireArtifact, run, sha256File, type BuildContext, type ManifestInput } from '@container-os/core';
import { createHash } from 'node:crypto';
import { copyFile, mkdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { BIOS_IMAGE, biosImage, ESP_IMAGE, espImage, hybridIso, uefiImage } from './commands.ts';
import { earlyConfig, grubConfig, idFile } from './grub-config.ts';
import { planIso, type IsoPlan } from './plan.ts';
import recipe from './recipe.json' with { type: 'json' };
import type { IsoOptions } from './schema.d.ts';

/** Packs kernel, initramfs and root file system into one ISO for BIOS and UEFI, CD and USB stick, published next to the image's artifacts. */
export default defineExecutor<IsoOptions, IsoPlan>({ recipe, plan: planIso, run: buildIso, publish: ({ iso }) => [iso] });

async function buildIso(plan: IsoPlan, context: BuildContext): Promise<ManifestInput> {
  const { out, scratch, log, workspaceRoot, target, artifact } = context;
  const payload = await Promise.all(plan.payload.map(([from, file]) => builtFile(artifact(from), file)));
  const id = identify(plan, payload);
  const root = join(scratch, 'root');
  await stagePayload(root, plan, payload, id);
  const grub = await makeBootImages(root, id, context);
  const iso = join(out, plan.iso);
  await run(hybridIso(root, iso, plan.volumeId, id, Math.max(...payload.map(({ size }) => size))), context);

  const sizes = Object.fromEntries([...payload.map(({ file, size }) => [file, size]), ...Object.entries(grub)]) as Record<string, number>;
  const parts = Object.entries(sizes).map(([part, bytes]) => `${part} ${formatBytes(bytes)}`);
  log.info(`${relative(workspaceRoot, join(dirname(artifact(target)), plan.iso))}: ${formatBytes((await stat(iso)).size)} (${parts.join(', ')})`);
  return { name: 'iso', version: id.slice(0, 12), licence: 'NOASSERTION', details: { volumeId: plan.volumeId, bytes: sizes } };
}

interface BuiltFile {
  file: string;
  path: string;
  /** Bytes. */
  size: number;
  sha256: string;
}

/** A file of another target's artifact, hashed here: manifests are no input, so that another compiler with equal output does not change the ISO. */
async function builtFile(directory: string, file: string): Promise<BuiltFile> {
  const path = await requireArtifact(join(directory, file));
  return { file, path, size: (await stat(path)).size, sha256: await sha256File(path) };
}

/** The image's id in hex: equal only for images with equal content. */
function identify({ menu }: IsoPlan, payload: readonly BuiltFile[]): string {
  return createHash('sha256')
    .update(JSON.stringify([grubConfig(menu), ...payload.map(({ sha256 }) => sha256)]))
    .digest('hex');
}

async function stagePayload(root: string, { menu }: IsoPlan, payload: readonly BuiltFile[], id: string): Promise<void> {
  await mkdir(join(root, 'boot/grub'), { recursive: true });
  await mkdir(join(root, dirname(idFile(id))), { recursive: true });
  for (const { file, path } of payload) await copyFile(path, join(root, 'boot', file));
  // A running kernel reads only the root file system from the medium.
  const medium = payload.some(({ file }) => file.endsWith('.squashfs')) ? idFile(id) : undefined;
  await writeFile(join(root, 'boot/grub/grub.cfg'), grubConfig(menu, medium));
  await writeFile(join(root, idFile(id)), '');
}

/** Writes both boot images into `root`; returns their sizes. */
async function makeBootImages(root: string, id: string, context: BuildContext): Promise<Record<string, number>> {
  const early = join(context.scratch, 'early.cfg');
  const efi = join(context.scratch, 'BOOTX64.EFI');
  const [bios, esp] = [join(root, BIOS_IMAGE), join(root, ESP_IMAGE)];
  await writeFile(early, earlyConfig(id));
  await run(biosImage(early, bios), context);
  await run(uefiImage(early, efi), context);
  for (const argv of espImage(esp, efi, (await stat(efi)).size, id)) await run(argv, context);
  return { 'GRUB for BIOS': (await stat(bios)).size, 'GRUB for UEFI': (await stat(esp)).size };
}
