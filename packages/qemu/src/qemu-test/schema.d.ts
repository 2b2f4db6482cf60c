// Generated from schema.json by npm run generate.

/**
 * Boots an image in each way it can be booted and checks what it says of itself.
 */
export interface QemuTestOptions {
  /**
   * Ways to boot, one after the other: kernel and initramfs without boot loader, or the ISO as a CD or USB stick with BIOS or UEFI.
   *
   * @minItems 1
   */
  boots: ['direct' | 'iso-bios' | 'iso-uefi' | 'usb-bios' | 'usb-uefi', ...('direct' | 'iso-bios' | 'iso-uefi' | 'usb-bios' | 'usb-uefi')[]];
  /**
   * MiB of the machine.
   */
  memory: number;
  /**
   * MiB of a blank disk that each boot finds, beside what it boots from.
   */
  disk?: number;
  /**
   * auto takes kvm when it boots a probe, else tcg (emulation).
   */
  accelerator: 'auto' | 'kvm' | 'tcg';
  /**
   * What must be true in the booted image, see below.
   */
  expect: {
    /**
     * Commands (comm) that must run.
     */
    processes?: string[];
    /**
     * Containers that must run, by name.
     */
    containers?: {
      [k: string]: {
        /**
         * Namespaces that must differ from the host's.
         */
        isolated?: ('pid' | 'mnt' | 'net' | 'ipc' | 'uts' | 'cgroup' | 'user')[];
        /**
         * IPv4 subnet of its address, such as 10.22.0.0/16.
         */
        subnet?: string;
      };
    };
    /**
     * Connections that must work: "demo -> gateway", "demo -> host" (a server on this machine), "demo -> peer" (a container).
     */
    reach?: string[];
    /**
     * TCP ports of the guest, each with a regular expression: this machine must get a page there, by HTTP, that matches it.
     */
    published?: {
      [k: string]: string;
    };
  };
  /**
   * Words added to the kernel command line of the boot "direct"; an ISO has its own.
   */
  cmdline: string;
  /**
   * Seconds that a boot may take at most, however much it reports, on a machine whose probe boot takes a second; slower machines get more in proportion.
   */
  timeLimit: number;
  /**
   * At least so many properties that the image tests itself, in /usr/lib/container-os/self-test.d; all of them must hold.
   */
  properties?: number;
  /**
   * At most this much memory is in use, in KiB.
   */
  memoryUsedKiB?: number;
  /**
   * At most this much memory is in use without containers, in KiB.
   */
  osMemoryKiB?: number;
  /**
   * At most this much memory each container adds on average, in KiB, while it has nothing to do.
   */
  containerMemoryKiB?: number;
  /**
   * The last container runs at most this long after the kernel started, on a machine whose probe boot takes a second; slower machines get more in proportion.
   */
  secondsToContainer?: number;
}
