// Generated from schema.json by npm run generate.

/**
 * Makes a kernel configuration of a base and ordered fragments, and checks that every requested symbol survived.
 */
export interface KernelConfigOptions {
  /**
   * The base: a make target such as x86_64_defconfig, or a file of the image, under which all it does not name is off.
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
}
