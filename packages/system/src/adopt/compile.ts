import { run, type RunOptions } from '@container-os/core';
import { fileEntry, type Entry } from '@container-os/cpio';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The compiler and its arguments; musl makes a static program of 18 kB, where glibc makes one of 690. */
export function compileArgv(source: string, program: string): [string, ...string[]] {
  return ['musl-gcc', '-std=gnu11', '-Wall', '-Wextra', '-Werror', '-Os', '-static', '-s', '-Wl,--build-id=none', '-o', program, source];
}

/** Compiles adopt.c in the directory `scratch`. */
export function compileAdopt(scratch: string, options: RunOptions): Promise<Entry> {
  return compile('adopt', new URL('adopt.c', import.meta.url), scratch, options);
}

/** Compiles idmap.c in the directory `scratch`. */
export function compileIdmap(scratch: string, options: RunOptions): Promise<Entry> {
  return compile('idmap', new URL('../idmap/idmap.c', import.meta.url), scratch, options);
}

async function compile(name: string, source: URL, scratch: string, options: RunOptions): Promise<Entry> {
  const program = join(scratch, name);
  await run(compileArgv(fileURLToPath(source), program), options);
  return fileEntry(`usr/lib/container-os/${name}`, await readFile(program), 0o755);
}
