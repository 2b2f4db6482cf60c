import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { programEntries } from '../src/elf.ts';
import { neededLibraries } from '../src/libraries.ts';
import { failure, fetchContext } from './fixtures/context.ts';
import { buildDeb } from './fixtures/deb.ts';
import { pinOf, serve } from './fixtures/origin.ts';

/** A program of this host with a library beside libc, and what it needs, by the host's own loader. */
const PROGRAM = '/usr/bin/ls';
const LIBRARIES = execFileSync('ldd', [PROGRAM], { encoding: 'utf8' }).match(/\/\S+\.so[.\d]*/g) ?? [];
const LIB = 'usr/lib/x86_64-linux-gnu';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sources-elf-'));
});

afterEach(() => rmSync(root, { recursive: true }));

function copy(from: string, to: string): void {
  mkdirSync(dirname(join(root, to)), { recursive: true });
  copyFileSync(from, join(root, to));
}

/** A tree as packages leave it: libraries under usr/lib, the loader there too, nothing at /lib64. */
function fillTree(): void {
  copy(PROGRAM, 'usr/bin/ls');
  for (const library of LIBRARIES) copy(library, join(LIB, basename(library)));
}

describe('the entries of a program', () => {
  it('hold every library that the loader would load, and the loader where the program looks for it', async () => {
    fillTree();
    const entries = await programEntries(root, { 'usr/bin/ls': 'bin/ls' });
    const expected = ['bin/ls', ...LIBRARIES.map((library) => (library.includes('ld-linux') ? library.slice(1) : join(LIB, basename(library))))];
    expect(entries.map(({ path }) => path).sort()).toEqual(expected.sort());
    for (const entry of entries) expect(entry).toMatchObject({ type: 'file', mode: 0o755, uid: 0 });
  });

  it('are the file that a symlink leads to', async () => {
    fillTree();
    symlinkSync('ls', join(root, 'usr/bin/dir'));
    const [entry] = await programEntries(root, { 'usr/bin/dir': 'bin/dir' });
    expect(entry).toMatchObject({ type: 'file', path: 'bin/dir', data: readFileSync(PROGRAM) });
  });

  it('lack nothing silently: the missing library and who needs it are named', async () => {
    fillTree();
    rmSync(join(root, LIB, 'libc.so.6'));
    expect(await failure(programEntries(root, { 'usr/bin/ls': 'bin/ls' }))).toMatchObject({
      code: 'LIBRARY_MISSING',
      message: expect.stringMatching(/needs libc\.so\.6, which no package/) as string,
    });
  });

  it("never come from outside the tree: an absolute symlink does not lead to the host's file", async () => {
    fillTree();
    symlinkSync(realpathSync(PROGRAM), join(root, 'usr/bin/host'));
    expect((await failure(programEntries(root, { 'usr/bin/host': 'bin/host' }))).code).toBe('PROGRAM_MISSING');
  });

  it('need the program', async () => {
    expect((await failure(programEntries(root, { 'usr/bin/none': 'bin/none' }))).message).toBe(`${root}/usr/bin/none: no such file`);
  });
});

it('of the packages a package depends on, only those count that hold a library its programs need', async () => {
  vi.stubEnv('CONTAINER_OS_CACHE', join(root, 'cache'));
  const origin = await serve((request, response) => void response.end(readFileSync(join(root, request.url ?? ''))));
  const pin = (name: string, files: Record<string, string | Buffer>) => {
    const file = buildDeb(root, name, files);
    return pinOf(readFileSync(join(root, file)), `${origin.url}/${file}`, file);
  };
  const main = pin('coreutils', { 'usr/bin/ls': readFileSync(PROGRAM), 'usr/share/doc/README': 'text', 'usr/bin/script': '#!/bin/sh\n' });
  const needed = pin('libs', Object.fromEntries(LIBRARIES.map((library) => [join(LIB, basename(library)), readFileSync(library)])));
  const other = pin('libother', { [join(LIB, 'libother.so.1')]: 'never opened' });
  expect(await neededLibraries(main, [other, needed], fetchContext())).toEqual([needed]);
  await origin.close();
  vi.unstubAllEnvs();
});
