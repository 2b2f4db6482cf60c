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
   * Size in MiB of a disk that is blank at first and kept as data.img in the user's state directory ($XDG_STATE_HOME/container-os), by workspace and image.
   */
  disk?: number;
  /**
   * Directory of the image whose files QEMU hands over as external secrets, by their names. Keep it out of git.
   */
  secrets?: string;
  /**
   * auto: kvm if KVM boots a probe, else tcg (emulation).
   */
  accelerator: 'auto' | 'kvm' | 'tcg';
  /**
   * TCP ports of this machine's loopback that are forwarded to the guest: "8080:80".
   */
  forward: string[];
}
