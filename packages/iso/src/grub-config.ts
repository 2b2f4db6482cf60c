import { shellQuote } from '@container-os/core';

/** The boot menu: one entry. */
export interface BootMenu {
  title: string;
  /** Seconds; 0 boots at once, -1 waits for ever. */
  timeout: number;
  /** Kernel command line, with the kernel's own quoting: `dyndbg="file a.c +p"`. */
  cmdline: string;
}

/** Kernel argument that names the file by which the early init finds the medium; GRUB searches for the same file. */
const MEDIUM = 'container-os.medium';

/** The kernel's first serial port, which is GRUB's unit 0. A console without a port would swallow init's output. */
const FIRST_UART = /^console=ttyS0\b/;

/**
 * The `grub.cfg` that both platforms read from the ISO. `medium` is a file of the ISO, given if the running system
 * reads the ISO. GRUB passes `console=ttyS0` only on machines that have the port.
 *
 * @example
 * grubConfig({ title: 'demo-os', timeout: 0, cmdline: 'console=ttyS0 quiet' })
 */
export function grubConfig({ title, timeout, cmdline }: BootMenu, medium?: string): string {
  const words = [...(medium ? [`${MEDIUM}=${medium}`] : []), ...kernelArguments(cmdline)];
  const uart = words.find((word) => FIRST_UART.test(word));
  // GRUB passes no argument for an empty variable.
  const linux = ['linux /boot/bzImage', ...words.map((word) => (word === uart ? '$uart' : shellQuote(word)))].join(' ');
  return `# Without a serial port there is no serial terminal, and no console on it.
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
 * The commands that GRUB runs first, built into both boot images. BIOS knows the boot disk, UEFI only the small FAT
 * partition, so both search for the ISO by a file that no other image has.
 */
export function earlyConfig(id: string): string {
  return `search --no-floppy --set=root --file ${idFile(id)}\nset prefix=($root)/boot/grub\n`;
}

/** Path on the ISO of the file whose name identifies the image. */
export function idFile(id: string): string {
  return `/.disk/id/${id}`;
}

/** Splits like the kernel: at white space outside double quotes. GRUB adds quotes to words with a space. */
function kernelArguments(cmdline: string): string[] {
  return (cmdline.match(/(?:[^\s"]|"[^"]*"?)+/g) ?? []).map((word) => word.replaceAll('"', ''));
}
