// Generated from schema.json by npm run generate.

/**
 * Merges the layers of other targets into one squashfs: the root file system on the boot medium.
 */
export interface RootfsOptions {
  /**
   * Targets of the image or its base whose layer.cpio are merged; their order does not matter. Each must be in "dependsOn" too, so that Nx builds it first and hashes it.
   */
  layers: string[];
  /**
   * zstd is a fifth smaller; lz4 unpacks in a tenth of the time, which each program's first start waits for. The kernel needs CONFIG_SQUASHFS_ZSTD or CONFIG_SQUASHFS_LZ4.
   */
  compression: 'zstd' | 'lz4';
  /**
   * Paths by target: where layers disagree on a path, the layer of this target wins.
   */
  overrides: {
    [k: string]: string[];
  };
}
