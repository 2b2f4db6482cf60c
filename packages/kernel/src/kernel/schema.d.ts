// Generated from schema.json by npm run generate.

/**
 * Builds bzImage and vmlinux from the configuration that kernel-config made.
 */
export interface KernelOptions {
  /**
   * Who compiles: ccache, distcc, "ccache distcc" or none, none of which changes a byte or the hash; or the absolute path of a launcher, which is part of the hash. Default: CONTAINER_OS_COMPILER_LAUNCHER, else ccache where the host has it.
   */
  compilerLauncher?: string;
}
