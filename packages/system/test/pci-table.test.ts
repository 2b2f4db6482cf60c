import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readPciDrivers } from '../src/early-init/pci-drivers.ts';
import { encodeTable, parseTable } from '../src/early-init/pci-table.ts';

describe('an entry of a preprocessed table', () => {
  it.each([
    ['fields by position', '{ 0x8086, 0x7111, (~0), (~0), 0, 0, 2 }', ['8086:', '7111']],
    ['fields by name', '{ .vendor = (0x1000), .device = (0x0030), .subvendor = (~0), .subdevice = (~0) }', ['1000:', '0030']],
    ['names, then positions', '{ .vendor = 0x8086, .device = (0x2922), .subvendor = (~0), .subdevice = (~0), 0, 0, board_ahci }', ['8086:', '2922']],
    [
      'a class, whatever the vendor',
      '{ .class = (0x0c0330), .class_mask = (~0), .vendor = (~0), .device = (~0), .subvendor = (~0), .subdevice = (~0) }',
      ['*/', '0c0330'],
    ],
    ['the beginning of a class', '{ (~0), (~0), (~0), (~0), (0x0101 << 8), 0xffff00, 0 }', ['*/', '0101']],
    ['a class of one vendor', '{ .vendor = 0x197b, .device = (~0), .class = (0x0101 << 8), .class_mask = 0xffff00 }', ['197b/', '0101']],
    ['any device of a vendor', '{ .vendor = (0x1af4), .device = ((~0)) }', ['1af4/', '']],
    [
      'a number that is computed',
      '{ (unsigned)(((0x5078900478509004ull) >> (32)) & 0xFFFF ?: (~0)), (unsigned)(((0x5078900478509004ull) >> (48)) & 0xFFFF ?: (~0)) }',
      ['9004:', '5078'],
    ],
  ])('has %s', (_what, text, match) => {
    expect(parseTable(`{ ${text}, { 0 }, { } }`)).toEqual([match]);
  });

  it.each([
    ['the end of a table', '{ 0, }'],
    ['a number that only the compiler knows', '{ .vendor = VENDOR, .device = 0x0014 }'],
    ['one that takes everything', '{ (~0), (~0) }'],
  ])('is left out when it is %s', (_what, text) => {
    expect(parseTable(text)).toEqual([]);
  });
});

it('writes a line for each driver that takes something, each device of a vendor once', () => {
  const drivers = new Map<string, [string, string][]>([
    [
      'SATA_AHCI',
      [
        ['8086:', '2922'],
        ['8086:', '2652'],
        ['8086:', '2922'],
        ['*/', '010601'],
      ],
    ],
    ['BLK_DEV_NVME', [['1b36:', '0010']]],
    ['NOTHING', []],
  ]);
  expect(encodeTable(drivers)).toBe('BLK_DEV_NVME 1b36:0010\nSATA_AHCI 8086:26522922 */010601\n');
});

describe('of a Linux tree', () => {
  let tree: string;

  beforeEach(async () => {
    tree = await mkdtemp(join(tmpdir(), 'linux-'));
    await write('include/linux/mod_devicetable.h', '#define PCI_ANY_ID (~0)\n');
    await write('include/linux/pci_ids.h', '#define PCI_VENDOR_ID_INTEL 0x8086\n#define PCI_CLASS_SERIAL_USB_UHCI 0x0c0300\n');
    await write(
      'include/linux/pci.h',
      '#define PCI_VDEVICE(vend, dev) \\\n\t.vendor = PCI_VENDOR_ID_##vend, .device = (dev), \\\n\t.subvendor = PCI_ANY_ID, .subdevice = PCI_ANY_ID, 0, 0\n',
    );
  });

  afterEach(() => rm(tree, { recursive: true }));

  async function write(path: string, text: string): Promise<void> {
    await mkdir(dirname(join(tree, path)), { recursive: true });
    await writeFile(join(tree, path), text);
  }

  const table = async (): Promise<string> => encodeTable(await readPciDrivers(tree, {}));

  it('finds the symbol of a driver of one unit, and of several', async () => {
    await write('drivers/ata/Makefile', '# comment\nobj-$(CONFIG_ATA_PIIX)\t+= ata_piix.o\n');
    await write(
      'drivers/ata/ata_piix.c',
      'static const struct pci_device_id piix_pci_tbl[] = {\n\t/* one; */ { 0x8086, 0x7111, PCI_ANY_ID, PCI_ANY_ID, 0, 0, 1 },\n#ifdef CONFIG_X\n\t{ PCI_VDEVICE(INTEL, 0x7199), 2 },\n#endif\n\t{ }\n};\nMODULE_DEVICE_TABLE(pci, piix_pci_tbl);\n',
    );
    await write('drivers/scsi/big/Makefile', 'big-y := one.o \\\n\ttwo.o\nobj-$(CONFIG_SCSI_BIG) += big.o\n');
    await write('drivers/scsi/big/two.h', '#define BIG_ID 0x0042\n');
    await write(
      'drivers/scsi/big/two.c',
      '#include "two.h"\nstruct pci_device_id ids[] = { { PCI_VDEVICE(INTEL, BIG_ID) }, {} };\nMODULE_DEVICE_TABLE (pci, ids);\n',
    );
    expect(await table()).toBe('ATA_PIIX 8086:71117199\nSCSI_BIG 8086:0042\n');
  });

  it('fails where the tree has none', async () => {
    await expect(table()).rejects.toThrow('has a table of PCI devices');
  });

  it('reads a table in a file that a unit includes', async () => {
    await write('drivers/usb/host/Makefile', 'obj-$(CONFIG_USB_UHCI_HCD)\t+= uhci-hcd.o\n');
    await write('drivers/usb/host/uhci-hcd.c', '#include "uhci-pci.c"\n');
    await write(
      'drivers/usb/host/uhci-pci.c',
      'static const struct pci_device_id uhci_pci_ids[] = { { .class = PCI_CLASS_SERIAL_USB_UHCI, .class_mask = ~0, .vendor = PCI_ANY_ID, .device = PCI_ANY_ID }, {} };\nMODULE_DEVICE_TABLE(pci, uhci_pci_ids);\n',
    );
    expect(await table()).toBe('USB_UHCI_HCD */0c0300\n');
  });
});
