// Where a boot loader and a kernel begin, in bytes of their files: what stands there is the first that runs of them.

const SECTOR = 2048;

/** The offsets of the boot images of an ISO, by El Torito. Source: "El Torito" Bootable CD-ROM Format 1.0; UEFI 2.10, 13.3.2.1. */
export function bootImages(iso: Buffer): { bios: number; uefi: number } {
  const catalog = iso.readUInt32LE(17 * SECTOR + 0x47) * SECTOR;
  // A validation entry, the default entry (BIOS), a section header (UEFI), its entry: 32 bytes each.
  const [bios, header, uefi] = [1, 2, 3].map((index) => iso.subarray(catalog + index * 32, catalog + (index + 1) * 32)) as [Buffer, Buffer, Buffer];
  if (bios[0] !== 0x88 || header[1] !== 0xef || uefi[0] !== 0x88) throw new Error('the ISO does not boot by BIOS and UEFI, in this order');
  return { bios: bios.readUInt32LE(8) * SECTOR, uefi: uefi.readUInt32LE(8) * SECTOR };
}

/** The offset of the first instruction of the first PE program for x86-64 at or after `from`, which lies in one piece. Source: PE Format, Microsoft. */
export function peEntry(file: Buffer, from: number): number {
  for (let at = file.indexOf('MZ', from); at >= 0; at = file.indexOf('MZ', at + 1)) {
    const header = at + file.readUInt32LE(at + 0x3c);
    if (header + 24 > file.length || file.toString('latin1', header, header + 4) !== 'PE\0\0' || file.readUInt16LE(header + 4) !== 0x8664) continue;
    const entry = file.readUInt32LE(header + 40);
    const sections = header + 24 + file.readUInt16LE(header + 20);
    for (let index = 0; index < file.readUInt16LE(header + 6); index++) {
      const section = file.subarray(sections + index * 40, sections + (index + 1) * 40);
      const start = section.readUInt32LE(12);
      if (entry >= start && entry < start + section.readUInt32LE(16)) return at + section.readUInt32LE(20) + entry - start;
    }
  }
  throw new Error('no PE program for x86-64');
}

/**
 * The offsets of all entries of a bzImage at which boot loaders leave for it: 32-bit, 64-bit, EFI's hand-over where it has one, EFI.
 * Source: Linux Documentation/arch/x86/boot.rst.
 */
export function bzImageEntries(kernel: Buffer): number[] {
  if (kernel.toString('latin1', 0x202, 0x206) !== 'HdrS') throw new Error('no bzImage');
  const entry32 = ((kernel[0x1f1] || 4) + 1) * 512;
  const handover = kernel.readUInt32LE(0x264);
  return [
    entry32,
    entry32 + 0x200,
    ...(handover ? [entry32 + 0x200 + handover] : []),
    ...(kernel.toString('latin1', 0, 2) === 'MZ' ? [peEntry(kernel, 0)] : []),
  ];
}

/** XEN_ELFNOTE_PHYS32_ENTRY */
const PVH_NOTE = 18;

/** The offset of a vmlinux's PVH entry, at which QEMU starts it. Source: elf(5); Xen, docs/misc/pvh.pandoc. */
export function pvhEntry(kernel: Buffer): number {
  const [table, size, count] = [Number(kernel.readBigUInt64LE(32)), kernel.readUInt16LE(54), kernel.readUInt16LE(56)];
  const segments = Array.from({ length: count }, (_, index) => {
    const header = kernel.subarray(table + index * size, table + (index + 1) * size);
    const [offset, , physical, length] = [8, 16, 24, 32].map((at) => Number(header.readBigUInt64LE(at))) as [number, number, number, number];
    return { type: header.readUInt32LE(0), offset, physical, length };
  });
  for (const { offset, length } of segments.filter(({ type }) => type === 4)) {
    for (let at = offset; at < offset + length;) {
      const [name, data, type] = [kernel.readUInt32LE(at), kernel.readUInt32LE(at + 4), kernel.readUInt32LE(at + 8)];
      const content = at + 12 + aligned(name);
      const address = kernel.readUInt32LE(content);
      const code = segments.find((one) => one.type === 1 && address >= one.physical && address < one.physical + one.length);
      if (type === PVH_NOTE && kernel.toString('latin1', at + 12, at + 15) === 'Xen' && code) return code.offset + address - code.physical;
      at = content + aligned(data);
    }
  }
  throw new Error('no PVH entry');
}

function aligned(length: number): number {
  return Math.ceil(length / 4) * 4;
}
