// Generated from schema.json by npm run generate.

/**
 * Measures an image and fails when it has grown over its limits, by name and by how much.
 */
export interface BudgetOptions {
  /**
   * Containers that run when a boot is complete.
   */
  containers: string[];
  /**
   * The most that is allowed. Sizes are always measured, a boot or the memory only where it has a limit.
   */
  limits: {
    /**
     * The ISO, in MB (1,000,000 bytes).
     */
    iso?: number;
    /**
     * The kernel as it lies on the ISO (bzImage), in MB.
     */
    kernel?: number;
    /**
     * The initramfs, compressed, in MB.
     */
    initramfs?: number;
    /**
     * The root file system, compressed, in MB.
     */
    rootfs?: number;
    /**
     * By target: its layer of the root file system, uncompressed, in MB.
     */
    layers?: {
      [k: string]: number;
    };
    /**
     * By way to boot: seconds since reset, of virtual time (an instruction is a nanosecond), with 512 MiB and a data disk.
     */
    boot?: {
      [k: string]: {
        /**
         * The first program.
         */
        init?: number;
        /**
         * The first container.
         */
        firstContainer?: number;
        /**
         * The first container with an address.
         */
        networked?: number;
        /**
         * All containers.
         */
        allContainers?: number;
      };
    };
    /**
     * What is in use when all containers run, in MiB.
     */
    memoryUsed?: number;
    /**
     * MiB with which the image still boots until all containers run.
     */
    memoryToBoot?: number;
  };
  /**
   * A file of the image: the budget.json of an earlier run, to tell what grew since.
   */
  record?: string;
}
