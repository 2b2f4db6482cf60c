import { describe, expect, it } from 'vitest';
import { kernelSpoke, panicOf, readableLines } from '../src/guest/console.ts';

describe('a console', () => {
  it('is read without the escape sequences of firmware and boot loader, and without empty lines', () => {
    const output =
      "\u001b[2J\u001b[=3h\u001b(B\u001b[01;01HBdsDxe: loading Boot0001\r\n\u001bc\u001b[H\u001b[J\u001b[1;1H  Booting `demo-os'\r\n\r\n\rLinux version 6.12\r\n   \r\n";
    expect(readableLines(output)).toEqual(['BdsDxe: loading Boot0001', "  Booting `demo-os'", 'Linux version 6.12']);
  });

  it('is read as a terminal shows it when a line was written over', () => {
    expect(readableLines('10 %\r20 %\rdone\r\n')).toEqual(['done']);
  });

  it('is read without the frames of a call trace that the kernel doubts', () => {
    expect(
      readableLines(' panic+0x2fb/0x310\r\n ? uart_write+0xa8/0x250\r\n[    1.2]  ? __schedule+0x2a3/0x6b0\r\n do_exit+0x86a/0x9c0\r\nwhat ? no+0x1/0x2\r\n'),
    ).toEqual([' panic+0x2fb/0x310', ' do_exit+0x86a/0x9c0', 'what ? no+0x1/0x2']);
  });

  it.each([
    ["  Booting `demo-os'", false],
    ['BdsDxe: starting Boot0001 "UEFI QEMU DVD-ROM"', false],
    ["error: file `/boot/bzImage' not found.", false],
    ['Booting from DVD/CD...', false],
    ['qemu-system-x86_64: terminating on signal 15 from pid 77 (timeout)', false],
    ['Linux version 6.12.117', true],
    ['[    0.000000] Linux version 6.12.117', true],
    ['EFI stub: Loaded initrd from command line option', true],
    ['  :: Container OS', true],
  ])('with the line %j: that the kernel runs is %s', (line, spoke) => {
    expect(kernelSpoke(readableLines(`SeaBIOS (version 1.16)\r\n${line}\r\n`))).toBe(spoke);
  });

  it('says why the kernel panicked', () => {
    expect(panicOf(['[    1.2] Kernel panic - not syncing: Attempted to kill init! exitcode=0x0100', 'CPU: 0'])).toBe(
      'Attempted to kill init! exitcode=0x0100',
    );
    expect(panicOf(['no panic here'])).toBeUndefined();
  });
});
