// Generated from schema.json by npm run generate.

/**
 * Merges the layers of the targets it depends on into one compressed initramfs.
 */
export interface InitramfsOptions {
  /**
   * How initramfs.img is compressed; the kernel needs the CONFIG_RD_… of the same name. zstd is the smallest, none boots the fastest where reading is cheap.
   */
  compression?: 'zstd' | 'gzip' | 'lz4' | 'none';
  /**
   * By target: the paths for which its layer wins where layers disagree.
   */
  overrides?: {
    [k: string]: string[];
  };
}
