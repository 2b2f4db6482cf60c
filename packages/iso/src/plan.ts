import { grubConfig } from './grub-config.ts';
import type { IsoOptions } from './schema.d.ts';

/** What is to be done, as JSON. */
export interface IsoPlan {
  /** File name of the image. */
  iso: string;
  /** ISO 9660 volume identifier: at most 32 of A-Z, 0-9 and _. */
  volumeId: string;
  /** Content of /boot/grub/grub.cfg. */
  grubConfig: string;
}

/** Options (defaults filled in from schema.json) and the image's name to a plan. */
export function planIso({ title, timeout = 0, cmdline = '' }: IsoOptions, { image }: { image: string }): IsoPlan {
  return {
    iso: `${image}.iso`,
    volumeId: image.toUpperCase().replace(/[^A-Z0-9]/g, '_').slice(0, 32),
    grubConfig: grubConfig({ title: title ?? image, timeout, cmdline }),
  };
}
