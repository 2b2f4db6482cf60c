// Generated from schema.json by npm run generate.

/**
 * Boots an image with data disks that are blank, used, cut off, missing, full and damaged.
 */
export interface StorageOptions {
  /**
   * A container that counts on its volume, and says a number after its name only when it is on the disk: "counter: 42 after 2 boots".
   */
  container: string;
  /**
   * The file to which it adds each number as a line, from the top of the data disk.
   */
  file: string;
  /**
   * MiB of the machine.
   */
  memory: number;
  /**
   * auto takes kvm when it boots a probe, else tcg (emulation).
   */
  accelerator: 'auto' | 'kvm' | 'tcg';
}
