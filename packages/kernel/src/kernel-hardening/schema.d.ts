// Generated from schema.json by npm run generate.

/**
 * Checks the finished configuration with kernel-hardening-checker, and keeps its report.
 */
export interface KernelHardeningOptions {
  /**
   * Minimum number of recommendations that the configuration must follow.
   */
  atLeast: number;
}
