// Generated from schema.json by npm run generate.

/**
 * Merges the layers of other targets into one compressed initramfs.
 */
export interface InitramfsOptions {
  /**
   * Targets of the image or its base whose layer.cpio are merged; their order does not matter. Each must be in "dependsOn" too, so that Nx builds it first and hashes it.
   */
  layers: string[];
  /**
   * Compression of initramfs.img; the kernel needs CONFIG_RD_ZSTD, CONFIG_RD_GZIP or CONFIG_RD_LZ4. zstd is smallest; none boots fastest if reading is cheap.
   */
  compression: 'zstd' | 'gzip' | 'lz4' | 'none';
  /**
   * Paths by target: where layers disagree on a path, the layer of this target wins.
   */
  overrides: {
    [k: string]: string[];
  };
}
