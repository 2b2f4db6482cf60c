// Generated from schema.json by npm run generate.

/**
 * Merges the layers of the targets it depends on into one squashfs, the root file system on the boot medium.
 */
export interface RootfsOptions {
  /**
   * By target: the paths for which its layer wins where layers disagree.
   */
  overrides?: {
    [k: string]: string[];
  };
}
