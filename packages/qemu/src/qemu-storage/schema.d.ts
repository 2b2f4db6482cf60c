// Generated from schema.json by npm run generate.

/**
 * Boots an image with data disks that are blank, used, without power, missing, full and damaged.
 */
export interface StorageOptions {
  /**
   * A container that writes numbers to its volume and prints a number after its name only when it is on the disk: "counter: 42 after 2 boots".
   */
  container: string;
  /**
   * The file to which the container appends each number as a line; a path from the root of the data disk.
   */
  file: string;
  /**
   * Memory of the machine in MiB.
   */
  memory: number;
  /**
   * auto: kvm if KVM boots a probe, else tcg (emulation).
   */
  accelerator: 'auto' | 'kvm' | 'tcg';
}
