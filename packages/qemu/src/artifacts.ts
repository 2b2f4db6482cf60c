import { BuildError, type TargetContext } from '@container-os/core';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { Artifacts, Boot } from './guest/machine.ts';

/**
 * The image's artifacts; `ARTIFACT_MISSING` when one that `boots` need was not built. The kernel is always needed,
 * for the probe; the ISO, for a direct boot, when the image has one: its root file system may be on it.
 */
export async function findArtifacts(boots: readonly Boot[], { artifact, image }: TargetContext): Promise<Artifacts> {
  const iso = artifact(`${image}.iso`);
  const artifacts = { kernel: join(artifact('kernel'), 'vmlinux'), initramfs: join(artifact('initramfs'), 'initramfs.img') };
  const needed = [artifacts.kernel, ...(boots.includes('direct') ? [artifacts.initramfs] : []), ...(boots.some((one) => one !== 'direct') ? [iso] : [])];
  for (const path of needed) {
    await access(path).catch((cause: unknown) => {
      throw new BuildError('ARTIFACT_MISSING', `${path} is not there`, { cause, hint: `Build it: nx run ${image}:iso` });
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
