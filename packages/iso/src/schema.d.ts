// Generated from schema.json by npm run generate.

/**
 * Packs kernel, initramfs and root file system into <image>.iso, which boots from CD and USB stick with BIOS and UEFI.
 */
export interface IsoOptions {
  /**
   * Name of the boot menu's entry. Default: the image's name.
   */
  title?: string;
  /**
   * Seconds that the boot menu waits, on screen and serial line; 0: boot at once; -1: wait forever.
   */
  timeout: number;
  /**
   * Kernel command line. The last console= gets the output of init. GRUB omits console=ttyS0 on a machine without that port. panic=10 reboots 10 s after a panic. percpu_alloc=page saves at least 4 MB; see below.
   */
  cmdline: string;
}
