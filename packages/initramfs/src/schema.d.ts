// Generated from schema.json by npm run generate.

/**
 * Merges the layers of other targets into one compressed initramfs.
 */
export interface InitramfsOptions {
  /**
   * Targets of the same image whose layer.cpio are merged; their order changes no byte. Each must be in "dependsOn" too, so that Nx builds it first and hashes it.
   */
  layers: string[];
  /**
   * How initramfs.img is compressed; the kernel needs the CONFIG_RD_… of the same name. zstd is the smallest, none boots the fastest where reading is cheap.
   */
  compression: 'zstd' | 'gzip' | 'lz4' | 'none';
  /**
   * By target: the paths for which its layer wins where layers disagree.
   */
  overrides: {
    [k: string]: string[];
  };
}
