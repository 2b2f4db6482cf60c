import { run, type RunOptions } from '@container-os/core';
import { fileEntry, type Entry } from '@container-os/cpio';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileArgv } from '../musl.ts';

/** Compiles adopt.c in the directory `scratch`. */
export function compileAdopt(scratch: string, options: RunOptions): Promise<Entry> {
  return compile('adopt', new URL('adopt.c', import.meta.url), scratch, options);
}

/** Compiles idmap.c in the directory `scratch`. */
export function compileIdmap(scratch: string, options: RunOptions): Promise<Entry> {
  return compile('idmap', new URL('../idmap/idmap.c', import.meta.url), scratch, options);
}

/** Compiles forget.c in the directory `scratch`. */
export function compileForget(scratch: string, options: RunOptions): Promise<Entry> {
  return compile('forget', new URL('../forget/forget.c', import.meta.url), scratch, options);
}

/** Compiles copy-up.c in the directory `scratch`. */
export function compileCopyUp(scratch: string, options: RunOptions): Promise<Entry> {
  return compile('copy-up', new URL('../copy-up/copy-up.c', import.meta.url), scratch, options);
}

/** Compiles oci-runtime.c in the directory `scratch`. `flags`: for tests, such as another runtime. */
export function compileOciRuntime(scratch: string, options: RunOptions, flags: readonly string[] = []): Promise<Entry> {
  return compile('oci-runtime', new URL('../oci-runtime/oci-runtime.c', import.meta.url), scratch, options, { directory: 'usr/sbin', flags });
}

/** Compiles the resolver in the directory `scratch`. `flags`: for tests, such as another place of /run. */
export function compileResolver(scratch: string, options: RunOptions, flags: readonly string[] = []): Promise<Entry> {
  // The folder counts as a whole: a URL that is put together is in no hash.
  const folder = new URL('../resolver/', import.meta.url);
  const sources = ['resolver', 'containers', 'memory', 'message', 'privileges'].map((name) => new URL(`${name}.c`, folder));
  return compile('resolver', sources, scratch, options, { flags });
}

async function compile(
  name: string,
  source: URL | readonly URL[],
  scratch: string,
  options: RunOptions,
  { directory = 'usr/lib/container-os', flags = [] as readonly string[] } = {},
): Promise<Entry> {
  const program = join(scratch, name);
  const [first = '', ...more] = [source].flat().map((url) => fileURLToPath(url));
  await run(compileArgv(first, program, ...more, ...flags), options);
  return fileEntry(`${directory}/${name}`, await readFile(program), 0o755);
}
