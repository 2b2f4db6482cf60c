// Generated from schema.json by npm run generate.

/**
 * Boots an image in this terminal, on its serial console.
 */
export interface RunOptions {
  /**
   * Kernel and initramfs without boot loader, or the ISO as a CD or USB stick with BIOS or UEFI.
   */
  boot: 'direct' | 'iso-bios' | 'iso-uefi' | 'usb-bios' | 'usb-uefi';
  /**
   * MiB of the machine.
   */
  memory: number;
  /**
   * MiB of a disk, blank at first, that is kept beside the image as data.img.
   */
  disk?: number;
  /**
   * auto takes kvm when it boots a probe, else tcg (emulation).
   */
  accelerator: 'auto' | 'kvm' | 'tcg';
  /**
   * TCP ports of this machine's loopback that lead into the guest: "8080:80".
   */
  forward: string[];
}
