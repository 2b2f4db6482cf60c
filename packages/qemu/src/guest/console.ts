/** Lines that firmware, boot loader and QEMU write to the console; all others come from the kernel or from programs. */
const NOT_KERNEL = /^\s*($|qemu-system-|SeaBIOS|iPXE|Booting |BdsDxe|GRUB|Welcome to GRUB|error: |Press any key|Loading )/;

/** Escape sequences (ECMA-48, and the short ones of a terminal's reset). */
const ESCAPES = /\u001b(?:\[[0-9;?=]*[ -/]*[@-~]|[ -/]*[0-~])/g;

/** Frames that the kernel's unwinder marks as unreliable; their number is random (Linux arch/x86/kernel/dumpstack.c). */
const UNRELIABLE_FRAME = /^(?:\[[ \d.]+\])?\s*\? \S+\+0x[0-9a-f]+\/0x[0-9a-f]+$/;

/** The lines of a console's output for a reader: without escape sequences, empty lines and unreliable frames. */
export function readableLines(output: string): string[] {
  return (
    output
      .replace(ESCAPES, '')
      .split('\n')
      // A carriage return within a line overwrites the text before it.
      .map((line) => line.trimEnd().split('\r').at(-1) ?? '')
      .filter((line) => line !== '' && !UNRELIABLE_FRAME.test(line))
  );
}

/** Whether the kernel wrote any of the lines. */
export function kernelSpoke(lines: readonly string[]): boolean {
  return lines.some((line) => !NOT_KERNEL.test(line));
}

/** The reason of a kernel panic; undefined if there is none. */
export function panicOf(lines: readonly string[]): string | undefined {
  const line = lines.find((one) => PANIC.test(one));
  return line === undefined ? undefined : PANIC.exec(line)?.[1]?.trim();
}

/** The early init's message before it reboots the machine (packages/system, early-init.c). */
export function earlyInitFault(lines: readonly string[]): string | undefined {
  const line = lines.find((one) => EARLY_INIT_FAULT.test(one));
  return line === undefined ? undefined : EARLY_INIT_FAULT.exec(line)?.[1]?.trim();
}

export const EARLY_INIT_FAULT = /early init: (.*)/;

/** The kernel's message (kernel/panic.c). */
export const PANIC = /Kernel panic - not syncing: (.*)/;
