// Generated from schema.json by npm run generate.

/**
 * Boots the ISO on machines that differ in firmware, in controllers and network cards, in processors and memory.
 */
export interface MachinesOptions {
  /**
   * Containers that must run on each machine. On one without a data disk, a container may not start for want of its volume.
   */
  containers: string[];
  /**
   * Names of the machines to boot, see below. None: all of them.
   */
  only: string[];
  /**
   * auto takes kvm when it boots a probe, else tcg (emulation).
   */
  accelerator: 'auto' | 'kvm' | 'tcg';
}
