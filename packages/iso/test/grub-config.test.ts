import { resolveOptions } from '@container-os/core/testing';
import { describe, expect, it } from 'vitest';
import { planIso } from '../src/plan.ts';
import schema from '../src/schema.json' with { type: 'json' };
import { grubConfig } from '../src/grub-config.ts';

const linuxLine = (cmdline: string): string | undefined => /linux .*/.exec(grubConfig({ title: 'demo', timeout: 0, cmdline }))?.[0];

describe('grub.cfg', () => {
  it('has one entry, on screen and serial line, and a console on the serial line where there is one', () => {
    expect(grubConfig({ title: 'demo-os', timeout: 5, cmdline: 'console=tty0 console=ttyS0,115200 quiet' })).toMatchInlineSnapshot(`
      "# Without a serial port there is no serial terminal, and no console on it.
      if serial --unit=0 --speed=115200; then
        terminal_input console serial
        terminal_output console serial
        set uart='console=ttyS0,115200'
      fi
      set timeout=5
      set default=0
      menuentry 'demo-os' {
        linux /boot/bzImage 'console=tty0' $uart 'quiet'
        initrd /boot/initramfs.img
      }
      "
    `);
  });

  it("gives the kernel's arguments on as they are, whatever they mean to GRUB's script language", () => {
    expect(linuxLine('init=/bin/sh;reboot  a=$b\tc={d}')).toBe("linux /boot/bzImage 'init=/bin/sh;reboot' 'a=$b' 'c={d}'");
  });

  it('leaves other serial ports alone', () => {
    expect(linuxLine('console=ttyS1 console=hvc0')).toBe("linux /boot/bzImage 'console=ttyS1' 'console=hvc0'");
  });

  it('says first on which medium the root file system is', () => {
    expect(grubConfig({ title: 'demo', timeout: 0, cmdline: 'quiet' }, '/.disk/id/1')).toContain(
      "linux /boot/bzImage 'container-os.medium=/.disk/id/1' 'quiet'",
    );
  });

  it('keeps an argument with spaces together; GRUB puts the double quotes back', () => {
    expect(linuxLine('dyndbg="file a.c +p" quiet')).toBe("linux /boot/bzImage 'dyndbg=file a.c +p' 'quiet'");
  });

  it('survives an apostrophe in the title', () => {
    expect(grubConfig({ title: "Ann's OS", timeout: 0, cmdline: '' })).toContain("menuentry 'Ann'\\''s OS' {");
  });
});

it('packs the root file system of an image that has one', () => {
  expect(planIso(resolveOptions(schema, { cmdline: 'quiet' }), { image: 'demo-os', dependsOn: ['kernel', 'initramfs', 'rootfs'] })).toMatchInlineSnapshot(`
    {
      "iso": "demo-os.iso",
      "menu": {
        "cmdline": "quiet",
        "timeout": 0,
        "title": "demo-os",
      },
      "payload": [
        [
          "kernel",
          "bzImage",
        ],
        [
          "initramfs",
          "initramfs.img",
        ],
        [
          "rootfs",
          "rootfs.squashfs",
        ],
      ],
      "volumeId": "DEMO_OS",
    }
  `);
});

it('takes the volume identifier from the name of the image, within what ISO 9660 allows', () => {
  expect(planIso(resolveOptions(schema, {}), { image: 'a-very.long_name-of-an-image-with-40-letters', dependsOn: [] }).volumeId).toBe(
    'A_VERY_LONG_NAME_OF_AN_IMAGE_WIT',
  );
});
