import type { BootMenu } from './grub-config.ts';
import type { IsoOptions } from './schema.d.ts';

/** The plan, as JSON. */
export interface IsoPlan {
  /** File name of the image. */
  iso: string;
  /** ISO 9660 volume identifier: at most 32 of A-Z, 0-9 and _. */
  volumeId: string;
  menu: BootMenu;
  /** Targets and the file of each to pack into /boot. */
  payload: [target: string, file: string][];
}

/** The root file system, for an image that does not have all of it in the initramfs. */
const ROOTFS: [string, string] = ['rootfs', 'rootfs.squashfs'];

/** Turns options (defaults filled in from schema.json) and the image's name into a plan. */
export function planIso({ title, timeout, cmdline }: IsoOptions, { image, dependsOn }: { image: string; dependsOn: readonly string[] }): IsoPlan {
  return {
    iso: `${image}.iso`,
    volumeId: image
      .toUpperCase()
      .replace(/[^A-Z0-9]/g, '_')
      .slice(0, 32),
    menu: { title: title ?? image, timeout, cmdline },
    payload: [['kernel', 'bzImage'], ['initramfs', 'initramfs.img'], ...(dependsOn.includes('rootfs') ? [ROOTFS] : [])],
  };
}
