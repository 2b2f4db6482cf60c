import { SOURCE_DATE_EPOCH } from '@container-os/core';

type Argv = [string, ...string[]];

/** Directory of the modules of Debian's grub-pc-bin and grub-efi-amd64-bin. */
const GRUB = '/usr/lib/grub';

/** Modules for the early config and grub.cfg, and for the file systems and disks that they read. The menu is part of `normal`. */
const MODULES = ['iso9660', 'linux', 'normal', 'search', 'search_fs_file', 'serial', 'terminal'];

/**
 * The boot image for BIOS: El Torito loads it from a CD, the MBR of `boot_hybrid.img` from a stick.
 */
export function biosImage(earlyConfig: string, output: string): Argv {
  return mkimage('i386-pc', 'i386-pc-eltorito', [...MODULES, 'biosdisk'], earlyConfig, output);
}

/** The boot image for UEFI. `efi_gop` passes the screen's mode to the kernel; a stick may have either partition table. */
export function uefiImage(earlyConfig: string, output: string): Argv {
  return mkimage('x86_64-efi', 'x86_64-efi', [...MODULES, 'efi_gop', 'part_gpt', 'part_msdos'], earlyConfig, output);
}

function mkimage(platform: string, format: string, modules: string[], config: string, output: string): Argv {
  const flags = [`--directory=${GRUB}/${platform}`, `--format=${format}`, '--prefix=/boot/grub', `--config=${config}`, `--output=${output}`];
  return ['grub-mkimage', ...flags, ...modules.sort()];
}

/** Makes a FAT file system in the file `image`, just large enough for one file of `bytes` at the path that firmware loads. */
export function espImage(image: string, efi: string, bytes: number, id: string): Argv[] {
  // 32 kB for the boot sector, both FATs (12 bits per cluster), the root directory and two directories.
  const sectors = Math.ceil((bytes + 32 * 1024) / 512);
  const format = ['-i', image, '-C', '-T', String(sectors), '-h', '1', '-s', '32', '-N', id.slice(0, 8)];
  return [
    ['mformat', ...format, '::'],
    ['mmd', '-i', image, '::/EFI', '::/EFI/BOOT'],
    ['mcopy', '-i', image, efi, '::/EFI/BOOT/BOOTX64.EFI'],
  ];
}

/** Paths of the boot images in the ISO. */
export const BIOS_IMAGE = 'boot/grub/bios.img';
export const ESP_IMAGE = 'boot/grub/efi.img';

/** ISO 9660 has 32 bits for the bytes of an extent. */
const EXTENT_MAX = 2 ** 32 - 1;

/**
 * The hybrid ISO of the directory `root`: El Torito entries for BIOS and UEFI (CD), an MBR with GRUB's
 * boot code and a GPT whose partition is the FAT image (stick). xorriso takes the volume's dates from the
 * environment's `SOURCE_DATE_EPOCH`, but the files' dates only from an option. `largest` is the size of the largest file.
 */
export function hybridIso(root: string, output: string, volumeId: string, id: string, largest: number): Argv {
  return [
    'xorriso',
    // Ignore /etc/default/xorriso and ~/.xorrisorc.
    '-no_rc',
    ...['-as', 'mkisofs', '-quiet'],
    // Level 3 has files of several extents, each below 4 GiB.
    ...(largest > EXTENT_MAX ? ['-iso-level', '3'] : []),
    ...['-volid', volumeId],
    // The ISO shows only names and contents of the files in `root`.
    ...['-rational-rock', '-dir-mode', '0555', '-file-mode', '0444', '--set_all_file_dates', `=${SOURCE_DATE_EPOCH}`],
    ...['-eltorito-boot', BIOS_IMAGE, '-no-emul-boot', '-boot-load-size', '4', '-boot-info-table'],
    ...['--grub2-boot-info', '--grub2-mbr', `${GRUB}/i386-pc/boot_hybrid.img`, '--protective-msdos-label'],
    ...['-eltorito-alt-boot', '-e', ESP_IMAGE, '-no-emul-boot', '-efi-boot-part', '--efi-boot-image'],
    ...['--gpt_disk_guid', uuid(id)],
    ...['-output', output, root],
  ];
}

/** A UUID of version 8 (RFC 9562), whose bits are free to choose. */
function uuid(id: string): string {
  return id.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*/, '$1-$2-8$3-8$4-$5');
}
