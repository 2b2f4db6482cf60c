import { BuildError, type TargetContext } from '@container-os/core';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { Artifacts, Boot } from './guest/machine.ts';

/**
 * The image's artifacts. Error: `ARTIFACT_MISSING` if one that `boots` need was not built. The probe always needs the
 * kernel. A direct boot gets the ISO too, if there is one: it may hold the root file system.
 */
export async function findArtifacts(boots: readonly Boot[], { artifact, image }: TargetContext): Promise<Artifacts> {
  const iso = artifact(`${image}.iso`);
  const artifacts = { kernel: join(artifact('kernel'), 'vmlinux'), initramfs: join(artifact('initramfs'), 'initramfs.img') };
  const needed = [artifacts.kernel, ...(boots.includes('direct') ? [artifacts.initramfs] : []), ...(boots.some((one) => one !== 'direct') ? [iso] : [])];
  for (const path of needed) {
    await access(path).catch((cause: unknown) => {
      throw new BuildError('ARTIFACT_MISSING', `${path}: no such file`, { cause, hint: `Build the image: nx run ${image}:iso` });
    });
  }
  return {
    ...artifacts,
    ...((await access(iso).then(
      () => true,
      () => false,
    ))
      ? { iso }
      : {}),
  };
}
