// Generated from schema.json by npm run generate.

/**
 * Boots an image, and checks the image's own report.
 */
export interface QemuTestOptions {
  /**
   * Kernel and initramfs without boot loader, or the ISO as a CD or USB stick with BIOS or UEFI.
   */
  boot: 'direct' | 'iso-bios' | 'iso-uefi' | 'usb-bios' | 'usb-uefi';
  /**
   * The guest's clock under emulation: its instructions, so that its time limits hold on a busy machine too, or the clock of this machine.
   */
  clock: 'instructions' | 'machine';
  /**
   * Memory of the machine in MiB.
   */
  memory: number;
  /**
   * Number of processors of the machine.
   */
  processors: number;
  /**
   * Level of the processor's instructions, as in the x86-64 psABI. Images of the RHEL 9 family need x86-64-v2, those of RHEL 10 x86-64-v3. KVM gives no more than this machine has.
   */
  cpu: 'x86-64' | 'x86-64-v2' | 'x86-64-v3';
  /**
   * Size in MiB of a blank disk that the machine gets in addition to the boot medium.
   */
  disk?: number;
  /**
   * Directory of the image whose files QEMU hands over as external secrets, by their names: values for tests, which the cache knows.
   */
  secrets?: string;
  /**
   * auto: kvm if KVM boots a probe, else tcg (emulation).
   */
  accelerator: 'auto' | 'kvm' | 'tcg';
  /**
   * Expectations on the booted image; see below.
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
         * IPv4 subnet of the container's address, such as 10.22.0.0/16.
         */
        subnet?: string;
      };
    };
    /**
     * Connections that must work: "demo -> gateway", "demo -> host" (a server on this machine), "demo -> peer" (a container).
     */
    reach?: string[];
    /**
     * TCP ports of the guest, each with a regular expression that the page served there by HTTP must match.
     */
    published?: {
      [k: string]: string;
    };
  };
  /**
   * Words added to the kernel command line of the boot "direct"; the ISO has a command line of its own.
   */
  cmdline: string;
  /**
   * Number of processes that keep this machine busy during the boot: a test that the verdict does not depend on it.
   */
  busy: number;
  /**
   * Time limit of the boot in seconds, on a machine whose probe boot takes a second; slower machines get proportionally more.
   */
  timeLimit: number;
  /**
   * Minimum number of self-test properties (/usr/lib/container-os/self-test.d); every one must hold.
   */
  properties?: number;
  /**
   * Limit of the memory in use, in KiB.
   */
  memoryUsedKiB?: number;
  /**
   * Limit of the memory in use without containers, in KiB.
   */
  osMemoryKiB?: number;
  /**
   * Limit of the memory that each idle container adds on average, in KiB.
   */
  containerMemoryKiB?: number;
  /**
   * Limit of the time from the kernel's start until the last container runs, in seconds, on a machine whose probe boot takes a second; slower machines get proportionally more.
   */
  secondsToContainer?: number;
}
