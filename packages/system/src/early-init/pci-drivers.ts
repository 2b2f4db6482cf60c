import { BuildError, ifThere, run, type RunOptions } from '@container-os/core';
import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { parseTable, type PciMatch } from './pci-table.ts';

/** Directories of drivers for controllers that a medium can be attached to: disks, CD drives, USB, SD cards. */
const DIRECTORIES = ['ata', 'block', 'message/fusion', 'mmc/host', 'nvme', 'scsi', 'usb/host', 'virtio'].map((name) => `drivers/${name}`);

const COMMENTS = /\/\*[^]*?\*\//g;

/** The PCI drivers of a Linux tree that a boot medium can need, by configuration symbol (`SATA_AHCI`); compiles nothing. */
export async function readPciDrivers(tree: string, options: RunOptions): Promise<Map<string, PciMatch[]>> {
  const headers = await Promise.all(['mod_devicetable.h', 'pci.h', 'pci_ids.h'].map((name) => readFile(join(tree, 'include/linux', name), 'utf8')));
  const text = [definesOf(headers.join('\n').replace(COMMENTS, ' '))];
  for (const directory of DIRECTORIES) {
    for (const file of (await filesBelow(join(tree, directory))).sort()) {
      const tables = file.endsWith('.c') ? await tablesOf(join(tree, directory, file)) : undefined;
      if (tables) text.push(tables);
    }
  }
  // The preprocessor expands the macros in the tables.
  const { stdout } = await run(['musl-gcc', '-E', '-P', '-w', '-x', 'c', '-'], { ...options, input: `${text.join('\n')}\n` });
  const drivers = new Map<string, PciMatch[]>();
  for (const [, symbol = '', table = ''] of stdout.matchAll(/@(\w+)([^@]*)/g)) drivers.set(symbol, [...(drivers.get(symbol) ?? []), ...parseTable(table)]);
  if (drivers.size === 0)
    throw new BuildError('PCI_DRIVERS_MISSING', `no file below ${DIRECTORIES.join(', ')} of ${tree} has a table of PCI devices`, {
      hint: 'The source "linux" must be a whole tree of Linux.',
    });
  return drivers;
}

async function filesBelow(directory: string): Promise<string[]> {
  return (await ifThere(readdir(directory, { recursive: true }))) ?? [];
}

/** Text for the preprocessor: the macros of the driver in `path`, `@`, its symbol, and its tables; undefined if it has no table. */
async function tablesOf(path: string): Promise<string | undefined> {
  const source = await readFile(path, 'utf8');
  const text = (source + (await localIncludes(source, dirname(path)))).replace(COMMENTS, ' ');
  const names = [...text.matchAll(/^MODULE_DEVICE_TABLE\s*\(pci,\s*(\w+)\)/gm)].map(([, name]) => name ?? '');
  const symbol = names.length > 0 ? await symbolOf(path) : undefined;
  return symbol && `${definesOf(text)}\n@${symbol}\n${names.map((name) => tableOf(text, name)).join('\n')}`;
}

/** The text of the files that `source` includes from its own directory, recursively. */
async function localIncludes(source: string, directory: string, seen = new Set<string>()): Promise<string> {
  let text = '';
  for (const [, name = ''] of source.matchAll(/^#\s*include\s+"([^"]+)"/gm)) {
    const path = resolve(directory, name);
    if (seen.has(path)) continue;
    seen.add(path);
    const included = (await ifThere(readFile(path, 'utf8'))) ?? '';
    text += `\n${included}${await localIncludes(included, dirname(path), seen)}`;
  }
  return text;
}

/** All `#define`s, with their continuation lines. */
function definesOf(text: string): string {
  return (text.match(/^[ \t]*#[ \t]*define[ \t](?:.*\\\n)*.*/gm) ?? []).join('\n');
}

/** The initializer of the array `name`, with the lines of every `#if`. */
function tableOf(text: string, name: string): string {
  const found = new RegExp(`struct\\s+pci_device_id\\s+(?:\\w+\\s+)?${name}\\s*\\[\\]\\s*(?:\\w+\\s*)?=\\s*(\\{[^;]*\\});`).exec(text)?.[1] ?? '';
  return found.replace(/^\s*#.*$/gm, '');
}

/** The symbol that builds `path`, by the Makefile of its directory: `obj-$(CONFIG_X) += driver.o`, and `driver-y += unit.o` for a driver of several units. */
async function symbolOf(path: string): Promise<string | undefined> {
  const makefile = (await ifThere(readFile(join(dirname(path), 'Makefile'), 'utf8'))) ?? '';
  const rules = [...makefile.replace(/\\\n/g, ' ').matchAll(/^([\w-]+)-(?:y|objs|\$\(CONFIG_(\w+)\))\s*[:+]?=(.*)$/gm)];
  const made = (unit: string): RegExpExecArray[] => rules.filter(([, , , units = '']) => units.split(/\s+/).includes(`${unit}.o`));
  const direct = (unit: string): string[] => made(unit).flatMap(([, driver, symbol]) => (driver === 'obj' && symbol !== undefined ? [symbol] : []));
  const unit = basename(path, '.c');
  return [...direct(unit), ...made(unit).flatMap(([, driver = '']) => direct(driver))][0];
}
