// Generated from schema.json by npm run generate.

/**
 * Merges the layers of other targets into one squashfs, the root file system on the boot medium.
 */
export interface RootfsOptions {
  /**
   * Targets of the same image whose layer.cpio are merged; their order changes no byte. Each must be in "dependsOn" too, so that Nx builds it first and hashes it.
   */
  layers: string[];
  /**
   * zstd is smaller by a fifth, lz4 is unpacked in a tenth of the time: each program's first start waits for that. The kernel needs CONFIG_SQUASHFS_ZSTD or CONFIG_SQUASHFS_LZ4.
   */
  compression: 'zstd' | 'lz4';
  /**
   * By target: the paths for which its layer wins where layers disagree.
   */
  overrides: {
    [k: string]: string[];
  };
}
