import { execa } from 'execa';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { writeUnitSymbols } from '../src/kernel/unit-symbols.ts';

let base: string;
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'unit-symbols-'));
  vi.stubEnv('CONTAINER_OS_CACHE', join(base, 'cache'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(base, { recursive: true });
});

/** What the objects of a tree are made of: by the way in which each depends on a symbol. */
const TREE = {
  // As in Linux: the recipes run in the build directory, and name the sources by srctree.
  Makefile: `srctree ?= $(CURDIR)
all: ; $(MAKE) --directory=$(O) --file=$(srctree)/Makefile srctree=$(srctree) $(addprefix fs/,minix.o plain.o policy.o pasted.o module.o dots.o)
fs/dots.o: $(srctree)/include/../fs/dots.c ; $(compile)
fs/%.o: $(srctree)/fs/%.c ; $(compile)
compile = mkdir -p fs && $(CC) -I$(srctree)/include -I./include -include $(srctree)/include/linux/kconfig.h -Wp,-MMD,$@.d -c -o $@ $<
`,
  Kconfig: 'config MINIX # CONFIG_UNUSED\n',
  'Documentation/minix.txt': 'CONFIG_UNUSED\n',
  'include/linux/kconfig.h': '#include <generated/autoconf.h>\n',
  'include/net.h': '#ifdef CONFIG_NET\nint net = 1;\n#endif\n',
  // "é" in Latin-1.
  'fs/minix.c': Buffer.from('/* \xe9 */\n#ifdef CONFIG_MINIX\nint minix = CONFIG_MINIX;\n#endif\n', 'latin1'),
  'fs/plain.c': '#include <net.h>\n#include "table.inc"\nint plain;\n',
  'fs/table.inc': 'int table = CONFIG_TABLE;\n',
  'fs/policy.c': '#include "idle.c"\n',
  'fs/idle.c': '#if CONFIG_IDLE\nint idle = CONFIG_IDLE;\n#endif\n',
  'fs/pasted.c': '#define DVB(x) CONFIG_DVB_ ## x\nint pasted = DVB(TUNER);\n',
  'fs/dots.c': 'int dots = CONFIG_DOTS;\n',
  'fs/module.c': '#if defined(CONFIG_EXT4) || defined(CONFIG_EXT4_MODULE)\nint ext4 = 1;\n#endif\n',
};

const CONFIG = { MINIX: '1', DOTS: '1', TABLE: '1', IDLE: '1', DVB_TUNER: '1', UNUSED: '1' };

async function write(files: Record<string, string | Buffer>, below: string): Promise<void> {
  for (const [file, content] of Object.entries(files)) {
    await mkdir(dirname(join(base, below, file)), { recursive: true });
    await writeFile(join(base, below, file), content);
  }
}

/** A build directory below `base` as `make syncconfig` leaves it, with the headers. */
async function configure(name: string, config: Record<string, string>): ReturnType<typeof writeUnitSymbols> {
  await write(
    {
      'include/generated/autoconf.h': Object.entries(config)
        .map(([symbol, value]) => `#define CONFIG_${symbol} ${value}\n`)
        .join(''),
    },
    name,
  );
  return writeUnitSymbols(join(base, 'tree'), join(base, name), { signal: new AbortController().signal });
}

const UNITS = ['minix', 'plain', 'policy', 'pasted', 'module', 'dots'] as const;

describe('with a real ccache', { timeout: 60_000 }, () => {
  /** Builds in a directory of its own, with the ccache of the test, and says what was compiled without preprocessing. */
  async function build(name: string, config: Record<string, string>): Promise<{ direct: number; missed: number }> {
    const { cc } = await configure(name, config);
    const env = { CCACHE_DIR: join(base, 'ccache'), CCACHE_BASEDIR: base, CCACHE_NOHASHDIR: '1', CCACHE_CONFIGPATH: '/dev/null' };
    await execa('ccache', ['--zero-stats'], { env });
    await execa('make', [`--directory=${join(base, 'tree')}`, `O=${join(base, name)}`, `CC=${cc}`], { env });
    return { direct: await counter('direct_cache_hit'), missed: await counter('cache_miss') };
  }

  /** Of the last build. */
  async function counter(name: string): Promise<number> {
    const { stdout } = await execa('ccache', ['--print-stats'], { env: { CCACHE_DIR: join(base, 'ccache'), CCACHE_CONFIGPATH: '/dev/null' } });
    return Number(new RegExp(`^${name}\t(\\d+)$`, 'm').exec(stdout)?.[1]);
  }

  const objects = (name: string): Promise<Buffer[]> => Promise.all(UNITS.map((unit) => readFile(join(base, name, `fs/${unit}.o`))));

  /** What gcc alone makes. */
  async function reference(name: string, config: Record<string, string>): Promise<Buffer[]> {
    await configure(name, config);
    await execa('make', [`--directory=${join(base, 'tree')}`, `O=${join(base, name)}`, 'CC=gcc']);
    return objects(name);
  }

  it('takes each object whose symbols did not change as it is, and no other', async () => {
    await write(TREE, 'tree');
    expect(await build('first', CONFIG)).toEqual({ direct: 0, missed: 6 });
    expect(await build('same', CONFIG)).toEqual({ direct: 6, missed: 0 });
    const changes = {
      unused: [
        { ...CONFIG, UNUSED: '2' },
        { direct: 6, missed: 0 },
      ],
      own: [
        { ...CONFIG, MINIX: '2' },
        { direct: 5, missed: 1 },
      ],
      pasted: [
        { ...CONFIG, DVB_TUNER: '2' },
        { direct: 5, missed: 1 },
      ],
      module: [
        { ...CONFIG, EXT4_MODULE: '1' },
        { direct: 5, missed: 1 },
      ],
      dots: [
        { ...CONFIG, DOTS: '2' },
        { direct: 5, missed: 1 },
      ],
      // A header names the symbol: nothing was preprocessed before.
      header: [
        { ...CONFIG, NET: '1' },
        { direct: 0, missed: 6 },
      ],
      // Now it is, and ccache finds what does not use the symbol.
      table: [
        { ...CONFIG, TABLE: '2' },
        { direct: 0, missed: 1 },
      ],
      // plain.c was never preprocessed with this configuration either.
      includedSource: [
        { ...CONFIG, IDLE: '2' },
        { direct: 0, missed: 2 },
      ],
    } as const;
    for (const [name, [config, found]] of Object.entries(changes)) {
      expect([name, await build(name, config)]).toEqual([name, found]);
      expect((await objects(name)).map((object, index) => [UNITS[index], object.toString('hex')])).toEqual(
        (await reference(`${name}-reference`, config)).map((object, index) => [UNITS[index], object.toString('hex')]),
      );
    }
  });

  it('a cold build does not preprocess, but for what gcc does not list: files of .incbin, headers of libc in a user program', async () => {
    const makefile = `${TREE.Makefile}user-cobjs := fs/user.o\n`.replace('minix.o', 'blob.o user.o minix.o');
    await write({ ...TREE, Makefile: makefile, 'fs/blob.c': 'asm(".section .rodata; .incbin \\"blob\\"");\n', 'fs/user.c': '#include <libc.h>\n' }, 'tree');
    await write({ 'libc.h': '' }, 'libc');
    const text = await readFile(join(base, 'tree/Makefile'), 'utf8');
    await write({ Makefile: text.replace('$(CC) ', `$(CC) -isystem ${join(base, 'libc')} `) }, 'tree');
    for (const content of ['one', 'two']) {
      await write({ blob: content }, content);
      await write({ 'libc.h': `int libc_${content};\n` }, 'libc');
      await build(content, CONFIG);
      expect(await counter('preprocessed_cache_miss')).toBe(1);
      const made = async (unit: string): Promise<string> => (await readFile(join(base, content, `fs/${unit}.o`))).toString('latin1');
      expect([await made('blob'), await made('user')]).toEqual([expect.stringContaining(content), expect.stringContaining(`libc_${content}`)]);
    }
  });

  it('a source that was generated depends on all of the configuration', async () => {
    await write(TREE, 'tree');
    const makefile = `${TREE.Makefile}fs/made.o: fs/made.c ; $(CC) -I./include -include ./include/generated/autoconf.h -c -o $@ $<\n`.replace(
      'minix.o',
      'made.o minix.o',
    );
    await write({ Makefile: makefile }, 'tree');
    for (const [name, made] of [
      ['one', 1],
      ['two', 2],
    ] as const) {
      await write({ 'fs/made.c': 'int made = CONFIG_MADE;\n' }, name);
      await build(name, { ...CONFIG, MADE: String(made) });
      const object = await readFile(join(base, name, 'fs/made.o'));
      await execa('gcc', [`-DCONFIG_MADE=${made}`, '-c', '-o', join(base, 'made.o'), 'fs/made.c'], { cwd: join(base, name) });
      expect(object.equals(await readFile(join(base, 'made.o')))).toBe(true);
    }
  });
});

it.skipIf(spawnSync('busybox').error)("BusyBox's grep finds what GNU's finds", async () => {
  await write(TREE, 'tree');
  await mkdir(join(base, 'bin'));
  await symlink((await execa('which', ['busybox'])).stdout, join(base, 'bin/grep'));
  const headers = async (name: string): Promise<Record<string, string>> => {
    await configure(name, CONFIG);
    const files = (await readdir(join(base, name, 'unit-symbols'), { recursive: true })).filter((file) => file.endsWith('.h')).sort();
    return Object.fromEntries(await Promise.all(files.map(async (file) => [file, await readFile(join(base, name, 'unit-symbols', file), 'utf8')])));
  };
  const expected = await headers('gnu');
  vi.stubEnv('PATH', `${join(base, 'bin')}:${process.env['PATH']}`);
  expect(await headers('busybox')).toEqual(expected);
  expect(Object.keys(expected)).toContain('units/fs/minix.c.h');
});

describe('the check of the finished build', () => {
  /** A file as fixdep writes it. */
  const dependencies = (header: string, symbols: string[]): string =>
    `savedcmd_fs/unit.o := env CCACHE_IGNOREHEADERS=x ccache gcc -include unit-symbols/${header}.h -Wp,-MMD,fs/.unit.o.d -c -o fs/unit.o unit.c\n\nsource_fs/unit.o := unit.c\n\ndeps_fs/unit.o := \\\n${symbols.map((symbol) => `    $(wildcard include/config/${symbol}) \\\n`).join('')}  include/net.h \\\n`;

  beforeEach(() => write(TREE, 'tree'));

  it('is content with symbols of headers, and of the unit itself', async () => {
    const { check } = await configure('build', CONFIG);
    await write(
      {
        'fs/.minix.o.cmd': dependencies('units/fs/minix.c', ['MINIX', 'NET']),
        'fs/.plain.o.cmd': dependencies('shared', ['NET', 'TABLE', 'IDLE']),
        'fs/.pasted.o.cmd': dependencies('units/fs/pasted.c', ['DVB_']),
      },
      'build',
    );
    await expect(check()).resolves.toBeUndefined();
  });

  it.each([
    ['another unit', 'units/fs/minix.c', 'EXT4'],
    ['a unit, of one that names none', 'shared', 'MINIX'],
    ['nobody', 'units/fs/minix.c', 'GENERATED'],
  ])('refuses a symbol of %s', async (_, header, symbol) => {
    const { check } = await configure('build', CONFIG);
    await write({ 'fs/.unit.o.cmd': dependencies(header, ['NET', symbol]) }, 'build');
    await expect(check()).rejects.toThrow(`fs/.unit.o.cmd depends on CONFIG_${symbol}, which neither the unit nor a header of the tree names`);
  });

  it('does not mind what ccache was told nothing of', async () => {
    const { check } = await configure('build', CONFIG);
    await write(
      {
        '.unit.o.cmd': dependencies('shared', ['NET']),
        'fs/.made.o.cmd': dependencies('shared', ['GENERATED']).replace(' -include unit-symbols/shared.h', ''),
      },
      'build',
    );
    await expect(check()).resolves.toBeUndefined();
  });

  it('knows the form of older kernels, and refuses one that it does not know', async () => {
    const { check } = await configure('build', CONFIG);
    await write({ 'fs/.unit.o.cmd': dependencies('shared', ['GENERATED']).replace('savedcmd_', 'cmd_') }, 'build');
    await expect(check()).rejects.toThrow('depends on CONFIG_GENERATED');
    await write({ 'fs/.unit.o.cmd': dependencies('shared', ['GENERATED']).replace('savedcmd_', 'command_') }, 'build');
    await expect(check()).rejects.toThrow(`no .cmd file in ${join(base, 'build')} is one of fixdep's`);
  });

  it('refuses a configuration that changed on the way', async () => {
    const { check } = await configure('build', CONFIG);
    await write({ 'include/generated/autoconf.h': '#define CONFIG_NET 1\n' }, 'build');
    await expect(check()).rejects.toThrow('include/generated/autoconf.h changed');
  });
});
