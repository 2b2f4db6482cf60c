// Generated from schema.json by npm run generate.

/**
 * Builds a layer with a static BusyBox and its applets as symlinks.
 */
export interface BusyboxOptions {
  /**
   * The base configuration: a make target such as defconfig or allnoconfig, or a file of the image.
   */
  base: string;
  /**
   * Fragments of the image, in order; a later one overrides an earlier one.
   */
  fragments: string[];
  /**
   * Requested symbols that may be missing from the final configuration, each with the reason.
   */
  allow: {
    [k: string]: string;
  };
  /**
   * The compiler launcher: ccache, distcc, "ccache distcc" or none, which change neither the output nor the hash; or the absolute path of another launcher, which is part of the hash. Default: CONTAINER_OS_COMPILER_LAUNCHER, else ccache if the host has it.
   */
  compilerLauncher?: string;
}
