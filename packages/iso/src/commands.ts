import { SOURCE_DATE_EPOCH } from '@container-os/core';

type Argv = [string, ...string[]];

/** Where Debian's grub-pc-bin and grub-efi-amd64-bin keep their modules. */
const GRUB = '/usr/lib/grub';

/** What the early config and grub.cfg use, and the file systems and disks they read. The menu is part of `normal`. */
const MODULES = ['iso9660', 'linux', 'normal', 'search', 'search_fs_file', 'serial', 'terminal'];

/**
 * The boot image of BIOS: what El Torito loads from a CD, and what the MBR of `boot_hybrid.img` loads
 * from a stick.
 */
export function biosImage(earlyConfig: string, output: string): Argv {
  return mkimage('i386-pc', 'i386-pc-eltorito', [...MODULES, 'biosdisk'], earlyConfig, output);
}

/** The boot image of UEFI. `efi_gop` tells the kernel the screen's mode; the partition tables are those a stick may have. */
export function uefiImage(earlyConfig: string, output: string): Argv {
  return mkimage('x86_64-efi', 'x86_64-efi', [...MODULES, 'efi_gop', 'part_gpt', 'part_msdos'], earlyConfig, output);
}

function mkimage(platform: string, format: string, modules: string[], config: string, output: string): Argv {
  const flags = [`--directory=${GRUB}/${platform}`, `--format=${format}`, '--prefix=/boot/grub', `--config=${config}`, `--output=${output}`];
  return ['grub-mkimage', ...flags, ...modules.sort()];
}

/** A FAT file system in the file `image`, just large enough for one file of `bytes`, at the path that firmware looks for. */
export function espImage(image: string, efi: string, bytes: number, id: string): Argv[] {
  // 32 kB for the boot sector, both FATs (12 bits a cluster), the root directory and two directories.
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

/**
 * The hybrid ISO of the directory `root`: El Torito entries for BIOS and UEFI (CD), an MBR with GRUB's
 * boot code and a GPT whose partition is the FAT image (stick). xorriso takes the dates of the volume
 * from the environment's `SOURCE_DATE_EPOCH`, those of the files only from an option.
 */
export function hybridIso(root: string, output: string, volumeId: string, id: string): Argv {
  return [
    'xorriso',
    // Neither /etc/default/xorriso nor ~/.xorrisorc.
    '-no_rc',
    ...['-as', 'mkisofs', '-quiet'],
    ...['-volid', volumeId],
    // Nothing of the files in `root` shows but name and content.
    ...['-rational-rock', '-dir-mode', '0555', '-file-mode', '0444', '--set_all_file_dates', `=${SOURCE_DATE_EPOCH}`],
    ...['-eltorito-boot', BIOS_IMAGE, '-no-emul-boot', '-boot-load-size', '4', '-boot-info-table'],
    ...['--grub2-boot-info', '--grub2-mbr', `${GRUB}/i386-pc/boot_hybrid.img`, '--protective-msdos-label'],
    ...['-eltorito-alt-boot', '-e', ESP_IMAGE, '-no-emul-boot', '-efi-boot-part', '--efi-boot-image'],
    ...['--gpt_disk_guid', uuid(id)],
    ...['-output', output, root],
  ];
}

/** RFC 9562, version 8: the bits are ours to choose. */
function uuid(id: string): string {
  return id.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*/, '$1-$2-8$3-8$4-$5');
}
