import type { BootMenu } from './grub-config.ts';
import type { IsoOptions } from './schema.d.ts';

/** What is to be done, as JSON. */
export interface IsoPlan {
  /** File name of the image. */
  iso: string;
  /** ISO 9660 volume identifier: at most 32 of A-Z, 0-9 and _. */
  volumeId: string;
  menu: BootMenu;
  /** Targets whose file is packed, with the file; each lands in /boot. */
  payload: [target: string, file: string][];
}

/** The root file system of an image that does not keep all of it in its initramfs. */
const ROOTFS: [string, string] = ['rootfs', 'rootfs.squashfs'];

/** Options (defaults filled in from schema.json) and the image's name to a plan. */
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
