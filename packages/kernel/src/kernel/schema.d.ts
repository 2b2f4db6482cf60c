// Generated from schema.json by npm run generate.

/**
 * Builds bzImage and vmlinux with the configuration from kernel-config.
 */
export interface KernelOptions {
  /**
   * The compiler launcher: ccache, distcc, "ccache distcc" or none, which change neither the output nor the hash; or the absolute path of another launcher, which is part of the hash. Default: CONTAINER_OS_COMPILER_LAUNCHER, else ccache if the host has it.
   */
  compilerLauncher?: string;
}
