import type { Step } from '@container-os/core';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Receipt } from '../src/receipt.ts';
import { unpackDebs, unpackTree } from '../src/unpack.ts';
import { failure, fetchContext } from './fixtures/context.ts';
import { buildDeb } from './fixtures/deb.ts';
import { pinOf, serve, type Origin } from './fixtures/origin.ts';

let root: string;
let origin: Origin;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'sources-unpack-'));
  vi.stubEnv('CONTAINER_OS_CACHE', join(root, 'cache'));
  mkdirSync(join(root, 'thing-1/src'), { recursive: true });
  writeFileSync(join(root, 'thing-1/src/main.c'), 'int main;\n');
  writeFileSync(join(root, 'thing-1/configure'), '#!/bin/sh\n', { mode: 0o755 });
  origin = await serve((request, response) => void response.end(readFileSync(join(root, request.url ?? ''))));
});

afterEach(async () => {
  await origin.close();
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true });
});

/** The receipt of files below `root`. */
const receiptOf = (...paths: string[]): Receipt => ({
  name: 'thing',
  version: '1',
  licence: 'MIT',
  channel: 'upstream',
  files: paths.map((path) => pinOf(readFileSync(join(root, path)), `${origin.url}/${path}`, basename(path))),
});

function pack(file: string, flag: string): string {
  execFileSync('tar', ['-c', flag, '-f', join(root, file), '-C', root, 'thing-1']);
  return file;
}

describe('a source tree', () => {
  it.each([
    ['thing-1.tar.gz', '--gzip'],
    ['thing-1.tar.xz', '--xz'],
    ['thing-1.tar.bz2', '--bzip2'],
  ])('comes from %s, at its top directory, modes kept', async (file, flag) => {
    const tree = await unpackTree(receiptOf(pack(file, flag)), fetchContext());
    expect(basename(tree)).toBe('thing-1');
    expect(readFileSync(join(tree, 'src/main.c'), 'utf8')).toBe('int main;\n');
    expect(statSync(join(tree, 'configure')).mode & 0o111).toBe(0o111);
  });

  it('comes from a Debian package that holds an archive, as linux-source does', async () => {
    const deb = buildDeb(root, 'thing-source', { 'usr/src/thing-1.tar.xz': readFileSync(join(root, pack('thing-1.tar.xz', '--xz'))) });
    const tree = await unpackTree(receiptOf(deb), fetchContext());
    expect(readdirSync(tree).sort()).toEqual(['configure', 'src']);
  });

  it('is unpacked once, also when two ask at the same time', async () => {
    const receipt = receiptOf(pack('thing-1.tar.gz', '--gzip'));
    const context = fetchContext();
    const trees = await Promise.all([unpackTree(receipt, context), unpackTree(receipt, context)]);
    expect(trees[0]).toBe(trees[1]);
    expect(await unpackTree(receipt, context)).toBe(trees[0]);
    expect(context.lines.filter((line) => line.includes('unpack thing 1'))).toHaveLength(1);
    expect(readdirSync(join(root, 'cache/trees'))).toEqual([basename(join(trees[0], '..'))]);
  });

  it('is complete although a killed run left half of it', async () => {
    const receipt = receiptOf(pack('thing-1.tar.gz', '--gzip'));
    const tree = join(await unpackTree(receipt, fetchContext()), '..');
    rmSync(tree, { recursive: true });
    mkdirSync(join(`${tree}.partial/root/thing-1/half`), { recursive: true });
    expect(readdirSync(await unpackTree(receipt, fetchContext())).sort()).toEqual(['configure', 'src']);
    expect(readdirSync(join(root, 'cache/trees'))).toEqual([basename(tree)]);
  });

  it('is not there when its archive is damaged', async () => {
    writeFileSync(join(root, 'broken.tar.gz'), 'no archive');
    const error = await failure(unpackTree(receiptOf('broken.tar.gz'), fetchContext()));
    expect(error).toMatchObject({ code: 'COMMAND_FAILED', message: expect.stringContaining('does not look like a tar archive') as string });
    expect(readdirSync(join(root, 'cache/trees'))).toEqual([]);
  });

  it('needs one archive', async () => {
    const archive = pack('thing-1.tar.gz', '--gzip');
    expect(await failure(unpackTree(receiptOf(archive, pack('thing-1.tar.xz', '--xz')), fetchContext()))).toMatchObject({
      code: 'SOURCE_NOT_ONE_ARCHIVE',
      message: 'source "thing" has 2 files, expected one archive',
    });
    const deb = buildDeb(root, 'empty', { 'usr/bin/empty': '' });
    expect(await failure(unpackTree(receiptOf(deb), fetchContext()))).toMatchObject({
      code: 'SOURCE_NOT_ONE_ARCHIVE',
      message: 'empty_1_amd64.deb has no usr/src/*.tar.*',
    });
  });

  it('ends at an interruption, and nothing of it stays', async () => {
    const abort = new AbortController();
    const reason = new Error('interrupted');
    const receipt = receiptOf(pack('thing-1.tar.gz', '--gzip'));
    const context = fetchContext(abort.signal);
    const step = <T>(_title: string, work: (log: Step) => Promise<T>): Promise<T> => (abort.abort(reason), work(context.log));
    await expect(unpackTree(receipt, { ...context, log: { ...context.log, step } })).rejects.toBe(reason);
    expect(readdirSync(join(root, 'cache/trees'))).toEqual([]);
  });
});

it('Debian packages are unpacked into one tree', async () => {
  const program = buildDeb(root, 'program', { 'usr/bin/program': 'p' });
  const library = buildDeb(root, 'library', { 'usr/lib/library.so.1': 'l' });
  const tree = await unpackDebs(receiptOf(program, library), fetchContext());
  expect(readFileSync(join(tree, 'usr/bin/program'), 'utf8')).toBe('p');
  expect(readFileSync(join(tree, 'usr/lib/library.so.1'), 'utf8')).toBe('l');
});

it('a Debian package is unpacked as dpkg does, where there is none', async () => {
  const deb = buildDeb(root, 'program', { 'usr/bin/program': 'p', 'usr/share/odd': 'three' });
  execFileSync('dpkg-deb', ['--extract', join(root, deb), join(root, 'by-dpkg')]);
  const list = (tree: string): string => execFileSync('find', ['.', '-printf', '%p %m %l %T@\\n'], { cwd: tree, encoding: 'utf8' });
  mkdirSync(join(root, 'bin'));
  for (const tool of ['tar', 'xz']) symlinkSync(execFileSync('which', [tool], { encoding: 'utf8' }).trim(), join(root, 'bin', tool));
  vi.stubEnv('PATH', join(root, 'bin'));
  const tree = await unpackDebs(receiptOf(deb), fetchContext());
  vi.unstubAllEnvs();
  expect(list(tree)).toBe(list(join(root, 'by-dpkg')));
});

it.each([
  ['text', 'it is no archive of ar'],
  ['!<arch>\n', 'expected a member with files at byte 8'],
  [`!<arch>\n${'data.tar.zst'.padEnd(48)}${'3'.padEnd(10)}\`\nabc`, 'its files are in data.tar.zst, expected one of data.tar, '],
])('a file that is no package which can be unpacked is DEB_UNREADABLE: %j', async (text, fault) => {
  writeFileSync(join(root, 'x.deb'), text);
  expect(await failure(unpackDebs(receiptOf('x.deb'), fetchContext()))).toMatchObject({
    code: 'DEB_UNREADABLE',
    message: expect.stringContaining(fault) as string,
  });
});
