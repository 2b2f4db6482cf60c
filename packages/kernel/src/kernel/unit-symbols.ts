import { BuildError, cacheDir, ifThere, run, type BuildContext } from '@container-os/core';
import type { CcacheHelp } from '@container-os/kbuild';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * `$<` is the unit. One that was generated has no header of its own: it is compiled through ccache as any program's. With `depend`, ccache takes
 * what a unit includes from gcc's list (-MMD) and does not preprocess it. It would be blind for what that list has not: files of `.incbin`, and
 * libc's headers, which only Kbuild's user programs include. Generated units and those of assembler can have the first.
 */
function compilerCommand(depend: boolean, incbin: readonly string[]): string {
  const kernels = '$(if $(filter $(user-csingle) $(user-cobjs),$@),,$(filter $(srctree)/%.c,$<))';
  const byList = `$(filter-out ${incbin.map((file) => `$(srctree)/${file}`).join(' ')},${kernels})`;
  return [
    `$(if $(filter $(srctree)/%.c $(srctree)/%.S,$<),env CCACHE_IGNOREHEADERS=${AUTOCONF} ${depend ? `$(if ${byList},CCACHE_DEPEND=1 )` : ''})ccache gcc`,
    '$(if $(filter $(srctree)/%.c $(srctree)/%.S,$<), -include ',
    '$(or $(wildcard $(patsubst $(srctree)/%,unit-symbols/units/%.h,$(abspath $<))),unit-symbols/shared.h))',
  ].join('');
}

/** Which symbols a tree's text names, as `CONFIG_NET`, or as `CONFIG_DVB_*` where the rest is pasted to it by `##`. */
interface NamedSymbols {
  /** By headers, and by other files that a unit can include. */
  shared: Set<string>;
  /** By the unit itself; by its path in the tree. */
  own: Map<string, Set<string>>;
  /** Files with `.incbin`, by their paths in the tree. */
  incbin: string[];
}

/** What no unit includes: names of directories, and of files. */
const NOT_INCLUDED = { directories: ['Documentation', 'samples', 'configs'], files: /^(Kconfig|Makefile|Kbuild)|\.rst$|^config$|\.config$/ };
/** So many paths are short enough for a command line. */
const AT_ONCE = 1000;
const NAMES = '\\.incbin|CONFIG_[A-Za-z0-9_]*([[:space:]]*##)?|^[[:space:]]*#[[:space:]]*include[[:space:]]*[<"][^>"]*\\.[cS][>"]';

/**
 * Lets ccache find a unit whose symbols did not change without preprocessing it. Every unit includes autoconf.h, which changes
 * with any symbol. So ccache is told to leave that out (`ignore_headers_in_manifest`), and the unit includes one header more:
 * a comment with a hash of the symbols that the unit can depend on. What is compiled stays the same, and where ccache does not
 * find it so, it compiles the unit or preprocesses it. `build` must be configured (`make syncconfig`); it gets the headers.
 *
 * Its `check` asks Kbuild's fixdep whether a unit includes a symbol that ccache was not told of, and throws `UNIT_SYMBOL_UNKNOWN`: a change
 * of that symbol would be a stale object.
 *
 * @example
 * const { cc, check } = await writeUnitSymbols(tree, build, context);
 * await run(['make', `--directory=${tree}`, `O=${build}`, `CC=${cc}`, 'bzImage']).then(check);
 */
export async function writeUnitSymbols(tree: string, build: string, context: Pick<BuildContext, 'signal'>): Promise<CcacheHelp> {
  const named = await readNamedSymbols(tree, context);
  const autoconf = await readFile(join(build, AUTOCONF), 'utf8');
  const values = readAutoconf(autoconf);
  const shared = digest(valuesOf(named.shared, values));
  // Ten thousand small files: calls that wait are three times as fast.
  const write = (file: string, hash: string): void => {
    mkdirSync(dirname(join(build, 'unit-symbols', file)), { recursive: true });
    writeFileSync(join(build, 'unit-symbols', file), `/* ${hash} */\n`);
  };
  write('shared.h', shared);
  for (const [unit, own] of named.own) write(`units/${unit}.h`, digest(shared + valuesOf(own, values)));
  // The first build of a tree does not pay for a later one. Once a header's symbol is another one, ccache preprocesses, and again finds the units
  // that do not use it when the next such symbol changes.
  const known = cacheDir('objects', `symbols-${digest(tree).slice(0, 16)}`);
  const before = await ifThere(readFile(known, 'utf8'));
  const depend = (before === undefined || before === shared) && named.incbin.every((file) => /\.[cS]$/.test(file));
  mkdirSync(dirname(known), { recursive: true });
  writeFileSync(known, shared);
  return { cc: compilerCommand(depend, named.incbin), check: () => requireNamed(build, named, autoconf) };
}

const AUTOCONF = 'include/generated/autoconf.h';

async function readNamedSymbols(tree: string, { signal }: Pick<BuildContext, 'signal'>): Promise<NamedSymbols> {
  const found: [file: string, match: string][] = [];
  const files = (await filesBelow(tree)).sort();
  for (let first = 0; first < files.length; first += AT_ONCE) {
    // POSIX's options, which every grep has, and -o, which GNU's and BusyBox's have. /dev/null: a file that is alone would not be named. As bytes: a
    // letter that is not UTF-8 must not make a file a binary one, which grep passes over.
    const some = files.slice(first, first + AT_ONCE);
    const { stdout } = await run(['grep', '-o', '-E', '-e', NAMES, '--', '/dev/null', ...some], { cwd: tree, env: { LC_ALL: 'C' }, signal, allow: [0, 1] });
    for (const line of stdout.split('\n').slice(0, -1)) found.push([line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]);
  }
  const isName = (match: string): boolean => match.startsWith('CONFIG_');
  const incbin = [...new Set(found.flatMap(([file, match]) => (match === '.incbin' ? [file] : [])))];
  const included = new Set(found.filter(([, match]) => !isName(match) && match !== '.incbin').map(([, match]) => /[^/<"]+(?=[>"]$)/.exec(match)?.[0]));
  const named: NamedSymbols = { shared: new Set(), own: new Map(), incbin };
  for (const [file, match] of found.filter(([, name]) => isName(name))) {
    const isUnit = /\.[cS]$/.test(file) && !included.has(file.slice(file.lastIndexOf('/') + 1));
    let names = isUnit ? named.own.get(file) : named.shared;
    if (!names) named.own.set(file, (names = new Set()));
    names.add(match.endsWith('##') ? `${match.replace(/\s*##$/, '')}*` : symbolOf(match));
  }
  return named;
}

/** Files of `tree` below `directory` that a unit can include, or that are one. */
async function filesBelow(tree: string, directory = ''): Promise<string[]> {
  const entries = await readdir(join(tree, directory), { withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !NOT_INCLUDED.files.test(entry.name)).map(({ name }) => join(directory, name));
  for (const { name } of entries.filter((entry) => entry.isDirectory() && !NOT_INCLUDED.directories.includes(entry.name)))
    files.push(...(await filesBelow(tree, join(directory, name))));
  return files;
}

/** IS_ENABLED(CONFIG_A) looks at CONFIG_A_MODULE too, and some text names that itself. */
function symbolOf(name: string): string {
  return name.replace(/_MODULE$/, '');
}

function readAutoconf(text: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const [line, name = ''] of text.matchAll(/^#define (CONFIG_\w+) .*$/gm)) values.set(symbolOf(name), `${values.get(symbolOf(name)) ?? ''}${line} `);
  return values;
}

function valuesOf(names: ReadonlySet<string>, values: ReadonlyMap<string, string>): string {
  const symbols = [...names].flatMap((name) => (name.endsWith('*') ? [...values.keys()].filter((symbol) => symbol.startsWith(name.slice(0, -1))) : [name]));
  return [...new Set(symbols)]
    .sort()
    .map((symbol) => `${symbol} ${values.get(symbol) ?? ''}\n`)
    .join('');
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** fixdep lists in `.name.o.cmd` every symbol in the unit and in all that it did include (Linux scripts/basic/fixdep.c). */
async function requireNamed(build: string, { shared, own }: Pick<NamedSymbols, 'shared' | 'own'>, autoconf: string): Promise<void> {
  if ((await readFile(join(build, AUTOCONF), 'utf8')) !== autoconf) throw unknown(`${AUTOCONF} changed while the kernel was built`);
  let checked = 0;
  for (const file of await readdir(build, { recursive: true })) {
    if (!/(?:^|\/)\.[^/]+\.cmd$/.test(file)) continue;
    const text = await readFile(join(build, file), 'utf8');
    const told = /^(?:saved)?cmd_.* -include unit-symbols\/(?:units\/(\S+)|shared)\.h /.exec(text);
    if (!told) continue;
    checked++;
    const unit = told[1] === undefined ? undefined : own.get(told[1]);
    for (const [, symbol] of text.matchAll(/\$\(wildcard include\/config\/(\w+)\)/g)) {
      const name = `CONFIG_${symbol}`;
      // Of a pasted name, fixdep knows the beginning.
      if (![name, `${name}*`].some((known) => shared.has(known) || unit?.has(known)))
        throw unknown(`${file} depends on ${name}, which neither the unit nor a header of the tree names`);
    }
  }
  if (checked === 0) throw unknown(`no .cmd file in ${build} is one of fixdep's`);
}

function unknown(message: string): BuildError {
  return new BuildError('UNIT_SYMBOL_UNKNOWN', `${message}; ccache could not notice that an object is stale`, {
    hint: 'Set CONTAINER_OS_COMPILER_LAUNCHER=none to build this kernel without ccache, and please report it.',
  });
}
