// Generated from schema.json by npm run generate.

/**
 * Makes a kernel configuration from a base and ordered fragments, and checks that every requested symbol survived.
 */
export interface KernelConfigOptions {
  /**
   * The base configuration: a make target such as x86_64_defconfig, or a file of the image; symbols that the file does not name are off.
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
}
