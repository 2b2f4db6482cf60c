// Generated from schema.json by npm run generate.

/**
 * Builds a static BusyBox with its applets as symlinks, as a layer.
 */
export interface BusyboxOptions {
  /**
   * The base: a make target such as defconfig or allnoconfig, or a file of the image.
   */
  base: string;
  /**
   * Fragments of the image, in order; the later wins.
   */
  fragments: string[];
  /**
   * Requested symbols that need not survive, each with the reason.
   */
  allow: {
    [k: string]: string;
  };
  /**
   * Who compiles: ccache, distcc, "ccache distcc" or none, none of which changes a byte or the hash; or the absolute path of a launcher, which is part of the hash. Default: CONTAINER_OS_COMPILER_LAUNCHER, else ccache where the host has it.
   */
  compilerLauncher?: string;
}
