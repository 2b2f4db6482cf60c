// Generated from schema.json by npm run generate.

/**
 * Boots the ISO on machines that differ in firmware, controllers, network cards, processors and memory.
 */
export interface MachinesOptions {
  /**
   * Containers that must run on each machine. On a machine without a data disk, a container with a volume may fail to start.
   */
  containers: string[];
  /**
   * Names of the machines to boot; see below. Empty: all machines.
   */
  only: string[];
  /**
   * auto: kvm if KVM boots a probe, else tcg (emulation).
   */
  accelerator: 'auto' | 'kvm' | 'tcg';
}
