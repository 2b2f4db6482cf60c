// Generated from schema.json by npm run generate.

/**
 * Merges the layers of the targets it depends on into one squashfs, the root file system on the boot medium.
 */
export interface RootfsOptions {
  /**
   * zstd is smaller by a fifth, lz4 is unpacked in a tenth of the time: each program's first start waits for that. The kernel needs CONFIG_SQUASHFS_ZSTD or CONFIG_SQUASHFS_LZ4.
   */
  compression?: 'zstd' | 'lz4';
  /**
   * Targets of dependsOn whose layers are left out: a configuration takes another in their place so.
   */
  omit?: string[];
  /**
   * By target: the paths for which its layer wins where layers disagree.
   */
  overrides?: {
    [k: string]: string[];
  };
}
