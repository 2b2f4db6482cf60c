// Generated from schema.json by npm run generate.

/**
 * Packs kernel, initramfs and root file system into <image>.iso, which boots with BIOS and UEFI from CD and USB stick.
 */
export interface IsoOptions {
  /**
   * Name of the boot menu's entry. Default: the image's name.
   */
  title?: string;
  /**
   * Seconds that the boot menu waits, on screen and serial line; 0 boots at once, -1 waits for ever.
   */
  timeout: number;
  /**
   * Kernel command line. The last console= gets the output of init; console=ttyS0 is left out on a machine without that port; panic=10 leaves time to read a panic, then reboots; percpu_alloc=page saves 4 MB and more, see below.
   */
  cmdline: string;
}
