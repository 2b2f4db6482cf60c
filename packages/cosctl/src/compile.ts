import { muslFlags, prepareCompiler, type Compiler } from '@container-os/compiler';
import { run, type BuildContext, type RunOptions } from '@container-os/core';
import { mkdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** The library of QuickJS, as its Makefile lists it. */
const LIBRARY = ['quickjs', 'dtoa', 'libregexp', 'libunicode', 'cutils', 'quickjs-libc'];
const FLAGS = ['-Os', '-fwrapv', '-D_GNU_SOURCE', '-DCONFIG_VERSION="container-os"'];

/**
 * Compiles the module `script` to one static program: the compiler of the source tree `quickjs`, built for this machine, turns the script
 * into bytecode in a C file, and musl-gcc links that with the library. The program does not contain the tree's path.
 */
export async function compileProgram(quickjs: string, script: string, context: BuildContext): Promise<string> {
  const { scratch, logFile, signal } = context;
  const options = { logFile, signal };
  const compiler = await prepareCompiler(undefined, context);
  const mapped = [...FLAGS, `-ffile-prefix-map=${quickjs}/=`];
  const source = (name: string): string => join(quickjs, `${name}.c`);
  const host = await compileAll(
    compiler,
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
    compiler,
    [...LIBRARY.map(source), basename(bytecode)],
    join(scratch, 'target'),
    [...(await muslFlags()), ...mapped, `-I${quickjs}`, '-ffunction-sections', '-fdata-sections'],
    options,
  );
  const program = join(scratch, 'cosctl');
  await run(['musl-gcc', '-static', '-s', '-Wl,--gc-sections', '-Wl,--build-id=none', '-o', program, ...target, '-lm'], options);
  return program;
}

/** Compiles `sources` to objects in `directory`. */
async function compileAll(
  { argv, env, jobs }: Compiler,
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
      await run([...argv, ...flags, '-c', source, '-o', object(source)], { ...options, env, cwd: dirname(directory) });
  };
  await Promise.all(Array.from({ length: jobs }, worker));
  return sources.map(object);
}
