// Generated from schema.json by npm run generate.

/**
 * Measures an image and fails if a size, time or memory figure is over its limit; the error names each figure and the excess.
 */
export interface BudgetOptions {
  /**
   * Containers that must run before a boot counts as complete.
   */
  containers: string[];
  /**
   * Upper limits. Sizes are always measured; boots and memory only if they have a limit.
   */
  limits: {
    /**
     * The ISO, in MB (1,000,000 bytes).
     */
    iso?: number;
    /**
     * The kernel on the ISO (bzImage), in MB.
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
     * Layers of the root file system by target, uncompressed, in MB.
     */
    layers?: {
      [k: string]: number;
    };
    /**
     * Boots by kind: seconds since reset in virtual time (one instruction takes one nanosecond), with 512 MiB and a data disk.
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
     * Memory in use when all containers run, in MiB.
     */
    memoryUsed?: number;
    /**
     * Memory in MiB with which the image must still boot until all containers run.
     */
    memoryToBoot?: number;
  };
  /**
   * A file of the image: the budget.json of an earlier run. An error then also names what grew since.
   */
  record?: string;
}
