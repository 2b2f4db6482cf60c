import { run, type BuildContext } from '@container-os/core';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { muslFlags, prepareCompiler } from '../src/index.ts';

const SOURCE = '#include <stdio.h>\n#include "own.h"\nint main(void) { return puts(__FILE__ OWN); }\n';

let root: string;
beforeAll(async () => void (root = await mkdtemp(join(tmpdir(), 'compiler-'))));
afterEach(() => vi.unstubAllEnvs());
afterAll(() => rm(root, { recursive: true }));

/** The object of SOURCE, compiled in a scratch directory of its own as `launcher` does. */
async function compile(name: string, launcher: string): Promise<Buffer> {
  vi.stubEnv('CONTAINER_OS_COMPILER_LAUNCHER', launcher);
  const scratch = join(root, name);
  await mkdir(scratch, { recursive: true });
  await writeFile(join(scratch, 'own.h'), '#define OWN "x"\n');
  await writeFile(join(scratch, 'unit.c'), SOURCE);
  const { argv, env } = await prepareCompiler(undefined, { scratch } as BuildContext);
  const flags = ['-Os', `-ffile-prefix-map=${scratch}=`, `-I${scratch}`, '-c', 'unit.c', '-o', 'unit.o'];
  await run([...argv, ...flags], { cwd: scratch, env: { ...env, CCACHE_DIR: join(root, 'ccache') } });
  return readFile(join(scratch, 'unit.o'));
}

it('another run finds its objects in ccache, and they are those of gcc alone', async () => {
  const alone = await compile('alone', 'none');
  expect(await compile('first', 'ccache')).toEqual(alone);
  expect(await compile('second', 'ccache')).toEqual(alone);
  const { stdout } = await run(['ccache', '--print-stats'], { env: { CCACHE_DIR: join(root, 'ccache') } });
  expect(stdout).toMatch(/^direct_cache_hit\t1$/m);
  expect(stdout).toMatch(/^cache_miss\t1$/m);
});

it('gcc compiles for musl to the object of musl-gcc', async () => {
  const [source, one, other] = ['musl.c', 'one.o', 'other.o'].map((file) => join(root, file)) as [string, string, string];
  await writeFile(source, '#include <stdio.h>\n#include <stdarg.h>\n#include <limits.h>\nint main(void) { return printf("%d", PATH_MAX); }\n');
  await run(['gcc', ...(await muslFlags()), '-Os', '-c', source, '-o', one]);
  await run(['musl-gcc', '-Os', '-c', source, '-o', other]);
  expect(await readFile(one)).toEqual(await readFile(other));
});
