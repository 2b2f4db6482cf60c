import { shellQuote } from '@container-os/core';

/** The boot menu: one entry. */
export interface BootMenu {
  title: string;
  /** Seconds; 0 boots at once, -1 waits for ever. */
  timeout: number;
  /** Kernel command line, with the kernel's own quoting: `dyndbg="file a.c +p"`. */
  cmdline: string;
}

/** Tells the early init by which file it knows the medium with the root file system; GRUB finds it by the same one. */
const MEDIUM = 'container-os.medium';

/** The kernel's first serial port, which is GRUB's unit 0: a console that is not there would take init's output. */
const FIRST_UART = /^console=ttyS0\b/;

/**
 * The `grub.cfg` that both platforms read from the ISO. `medium` is a file of the ISO, where the kernel needs
 * the ISO for more than its own start. `console=ttyS0` is for machines that have that port.
 *
 * @example
 * grubConfig({ title: 'demo-os', timeout: 0, cmdline: 'console=ttyS0 quiet' })
 */
export function grubConfig({ title, timeout, cmdline }: BootMenu, medium?: string): string {
  const words = [...(medium ? [`${MEDIUM}=${medium}`] : []), ...kernelArguments(cmdline)];
  const uart = words.find((word) => FIRST_UART.test(word));
  // Of an empty variable, GRUB makes no argument.
  const linux = ['linux /boot/bzImage', ...words.map((word) => (word === uart ? '$uart' : shellQuote(word)))].join(' ');
  return `# A machine without serial port has no terminal of that name, and no console there.
if serial --unit=0 --speed=115200; then
  terminal_input console serial
  terminal_output console serial
${uart === undefined ? '' : `  set uart=${shellQuote(uart)}\n`}fi
set timeout=${timeout}
set default=0
menuentry ${shellQuote(title)} {
  ${linux}
  initrd /boot/initramfs.img
}
`;
}

/**
 * What GRUB runs first, built into both boot images: BIOS knows the disk it came from, UEFI only the
 * small FAT partition; so both look for the ISO by a file that no other image has.
 */
export function earlyConfig(id: string): string {
  return `search --no-floppy --set=root --file ${idFile(id)}\nset prefix=($root)/boot/grub\n`;
}

/** Path on the ISO of the file whose name identifies the image. */
export function idFile(id: string): string {
  return `/.disk/id/${id}`;
}

/** Splits as the kernel does: at white space outside double quotes. GRUB quotes anew what holds a space. */
function kernelArguments(cmdline: string): string[] {
  return (cmdline.match(/(?:[^\s"]|"[^"]*"?)+/g) ?? []).map((word) => word.replaceAll('"', ''));
}
