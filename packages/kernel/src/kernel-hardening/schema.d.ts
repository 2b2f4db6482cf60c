// Generated from schema.json by npm run generate.

/**
 * Lets kernel-hardening-checker judge the finished configuration, and keeps its report.
 */
export interface KernelHardeningOptions {
  /**
   * Fail when fewer of its recommendations are followed.
   */
  atLeast: number;
}
