// Generated from schema.json by npm run generate.

/**
 * Builds a static BusyBox with its applets as symlinks, as a layer.
 */
export interface BusyboxOptions {
  /**
   * The base: a make target such as defconfig or allnoconfig, or a file of the image.
   */
  defconfig?: string;
  /**
   * Fragments of the image, in order; the later wins.
   */
  fragments?: string[];
  /**
   * Requested symbols that need not survive, each with the reason.
   */
  allow?: {
    [k: string]: string;
  };
}
