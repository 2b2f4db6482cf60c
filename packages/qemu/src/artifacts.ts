import { exists, requireArtifact, type TargetContext } from '@container-os/core';
import { join } from 'node:path';
import type { Artifacts, Boot } from './guest/machine.ts';

/**
 * The image's artifacts. The probe always needs the kernel. A direct boot gets the ISO too, if there is one: it may hold the root file system.
 *
 * @throws BuildError ARTIFACT_MISSING if one that `boots` need was not built
 */
export async function findArtifacts(boots: readonly Boot[], { artifact, image }: TargetContext): Promise<Artifacts> {
  const iso = artifact(`${image}.iso`);
  const artifacts = { kernel: join(artifact('kernel'), 'vmlinux'), initramfs: join(artifact('initramfs'), 'initramfs.img') };
  const needed = [artifacts.kernel, ...(boots.includes('direct') ? [artifacts.initramfs] : []), ...(boots.some((one) => one !== 'direct') ? [iso] : [])];
  await Promise.all(needed.map(requireArtifact));
  return { ...artifacts, ...((await exists(iso)) ? { iso } : {}) };
}
