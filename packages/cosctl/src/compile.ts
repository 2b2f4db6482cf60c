import { run, type RunOptions } from '@container-os/core';
import { availableParallelism } from 'node:os';
import { mkdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** The library of QuickJS, as its Makefile lists it. */
const LIBRARY = ['quickjs', 'dtoa', 'libregexp', 'libunicode', 'cutils', 'quickjs-libc'];
const FLAGS = ['-Os', '-fwrapv', '-D_GNU_SOURCE', '-DCONFIG_VERSION="container-os"'];

interface Inputs {
  /** QuickJS's source tree. */
  quickjs: string;
  /** The module to compile. */
  script: string;
  scratch: string;
}

/**
 * Compiles `script` to one static program: QuickJS's compiler, built for this machine, turns the script into
 * bytecode in a C file, and musl-gcc links that with the library. The program does not contain the tree's path.
 */
export async function compileProgram({ quickjs, script, scratch }: Inputs, options: Pick<RunOptions, 'logFile' | 'signal'>): Promise<string> {
  const mapped = [...FLAGS, `-ffile-prefix-map=${quickjs}/=`];
  const source = (name: string): string => join(quickjs, `${name}.c`);
  const host = await compileAll(
    'gcc',
    [...LIBRARY, 'qjsc'].map(source),
    join(scratch, 'host'),
    [...mapped, '-DCONFIG_CC="gcc"', '-DCONFIG_PREFIX="/usr"'],
    options,
  );
  const qjsc = join(scratch, 'qjsc');
  await run(['gcc', '-o', qjsc, ...host, '-lm', '-ldl', '-lpthread'], options);
  const bytecode = join(scratch, 'bytecode.c');
  // The bytecode contains the script's name: pass the name without its directory.
  await run([qjsc, '-e', '-m', '-o', bytecode, basename(script)], { ...options, cwd: dirname(script) });
  const target = await compileAll(
    'musl-gcc',
    [...LIBRARY.map(source), bytecode],
    join(scratch, 'target'),
    [...mapped, `-I${quickjs}`, '-ffunction-sections', '-fdata-sections'],
    options,
  );
  const program = join(scratch, 'cosctl');
  await run(['musl-gcc', '-static', '-s', '-Wl,--gc-sections', '-Wl,--build-id=none', '-o', program, ...target, '-lm'], options);
  return program;
}

/** Compiles `sources` to objects in `directory`, one job per core. */
async function compileAll(
  compiler: string,
  sources: readonly string[],
  directory: string,
  flags: readonly string[],
  options: Pick<RunOptions, 'logFile' | 'signal'>,
): Promise<string[]> {
  await mkdir(directory);
  const object = (source: string): string => join(directory, `${basename(source, '.c')}.o`);
  const waiting = [...sources];
  const worker = async (): Promise<void> => {
    for (let source = waiting.shift(); source !== undefined; source = waiting.shift())
      await run([compiler, ...flags, '-c', source, '-o', object(source)], options);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return sources.map(object);
}
