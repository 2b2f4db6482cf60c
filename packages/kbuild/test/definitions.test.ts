import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readKconfig } from '../src/definitions.ts';

let tree: string;
beforeEach(async () => void (tree = await mkdtemp(join(tmpdir(), 'kconfig-'))));
afterEach(() => rm(tree, { recursive: true }));

async function write(file: string, text: string): Promise<void> {
  await mkdir(dirname(join(tree, file)), { recursive: true });
  await writeFile(join(tree, file), text);
}

it('a symbol has the conditions of its depends on, and of the blocks around it', async () => {
  await write(
    'net/Kconfig',
    'menuconfig NET\n\tbool "Networking"\n\nif NET\n\nmenu "Devices"\n\tdepends on PCI || \\\n\t\tUSB\n\nconfig VETH\n\ttristate "Pairs"\n\tdepends on INET && !UML # a reason\n\nendmenu\nendif\n\nconfig LAST\n\tbool\n',
  );
  expect(Object.fromEntries(await readKconfig(tree))).toEqual({
    NET: [[]],
    VETH: [['NET', 'PCI ||  \t\tUSB', 'INET && !UML']],
    LAST: [[]],
  });
});

it('a help text defines nothing, whatever its lines begin with', async () => {
  await write(
    'Kconfig',
    'config A\n\tbool "A"\n\thelp\n\t  Say Y\n\n\t  if you want\n\t    config B\n\t  menu\n\nconfig C\n\tbool "C"\n\tdepends on A\n\thelp\n\t  if C\nconfig D\n\tbool\n',
  );
  expect(Object.fromEntries(await readKconfig(tree))).toEqual({ A: [[]], C: [['A']], D: [[]] });
});

it('a choice leaves its dependency to its members only', async () => {
  await write('Kconfig', 'choice\n\tprompt "Compression"\n\tdepends on HAVE\n\nconfig GZIP\n\tbool "gzip"\n\nendchoice\n\nconfig OTHER\n\tbool\n');
  expect(Object.fromEntries(await readKconfig(tree))).toEqual({ GZIP: [['HAVE']], OTHER: [[]] });
});

it('every definition of a symbol counts', async () => {
  await write('Kconfig.one', 'config A\n\tbool\n\tdepends on ONE\n');
  await write('Kconfig.two', 'config A\n\tbool\n\tdepends on TWO\n');
  expect((await readKconfig(tree)).get('A')).toEqual([['ONE'], ['TWO']]);
});

it('directories are read together, without other architectures and what is no Kconfig file', async () => {
  await write('arch/Kconfig', 'config SECCOMP\n');
  await write('arch/x86/Kconfig', 'config X86\n');
  await write('arch/arm/Kconfig', 'config ARM\n');
  await write('Documentation/kbuild/Kconfig.select', 'config EXAMPLE\n');
  await write('shell/ash.c', 'config C\n');
  await write('out/shell/Config.in', 'config ASH\n');
  expect([...(await readKconfig(join(tree, 'arch'), join(tree, 'out'))).keys()].sort()).toEqual(['ASH', 'SECCOMP', 'X86']);
  expect([...(await readKconfig(tree)).keys()].sort()).toEqual(['ASH', 'SECCOMP', 'X86']);
});
