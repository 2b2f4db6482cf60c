import { SOURCE_DATE_EPOCH } from '@container-os/core';
import { execFileSync } from 'node:child_process';
import { chmod, link, mkdir, mkdtemp, open, readdir, readFile, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bytesOf, directoryEntry, encode, fileEntry, symlinkEntry } from '../src/index.ts';
import { readLayer, readTree, writeLayer } from '../src/fs.ts';
import { plain, SAMPLE, toBuffer } from './sample.ts';

let directory: string;
beforeEach(async () => void (directory = await mkdtemp(join(tmpdir(), 'cpio-fs-'))));
afterEach(() => rm(directory, { recursive: true }));

describe('readTree', () => {
  it('gives files, directories and symlinks, sorted, without a trace of umask, owner or date', async () => {
    await mkdir(join(directory, 'usr/bin'), { recursive: true, mode: 0o700 });
    await writeFile(join(directory, 'usr/bin/tool'), 'x', { mode: 0o700 });
    await writeFile(join(directory, 'usr/ä'), 'y', { mode: 0o600 });
    await utimes(join(directory, 'usr/ä'), 1, 1);
    await symlink('bin/tool', join(directory, 'usr/tool'));
    expect(plain(await readTree(directory))).toEqual(
      plain([
        directoryEntry('usr'),
        directoryEntry('usr/bin'),
        fileEntry('usr/bin/tool', 'x', 0o755),
        symlinkEntry('usr/tool', 'bin/tool'),
        fileEntry('usr/ä', 'y'),
      ]),
    );
  });

  it('does not follow a symlink to a directory', async () => {
    await mkdir(join(directory, 'a'));
    await writeFile(join(directory, 'a/file'), '');
    await symlink('a', join(directory, 'b'));
    await symlink('..', join(directory, 'a/loop'));
    expect((await readTree(directory)).map(({ path }) => path)).toEqual(['a', 'a/file', 'a/loop', 'b']);
  });

  it('makes files of hard links', async () => {
    await writeFile(join(directory, 'a'), 'x');
    await link(join(directory, 'a'), join(directory, 'b'));
    expect(plain(await readTree(directory))).toEqual(plain([fileEntry('a', 'x'), fileEntry('b', 'x')]));
  });

  it.each(['#!/bin/sh\r\n', '#!/usr/bin/env node --x\r\nmore\r\n'])('refuses the executable script %j, with its file', async (text) => {
    await writeFile(join(directory, 'run'), text, { mode: 0o755 });
    const message = expect.stringMatching(/\/run: the first line ends in CR LF, expected LF: "#!/) as string;
    await expect(readTree(directory)).rejects.toMatchObject({ code: 'SCRIPT_CRLF', message, hint: expect.stringContaining('.gitattributes') as string });
  });

  it('takes what is no executable script as it is', async () => {
    await writeFile(join(directory, 'data'), '#!/bin/sh\r\n', { mode: 0o644 });
    await writeFile(join(directory, 'later'), '#!/bin/sh\nprintf "a\r\n"\r\n', { mode: 0o755 });
    await writeFile(join(directory, 'text'), 'a\r\n', { mode: 0o755 });
    expect(await readTree(directory)).toHaveLength(3);
  });

  it('puts entries below a path, with the given owner and date', async () => {
    await writeFile(join(directory, 'su'), '');
    const [entry] = await readTree(directory, { below: 'usr/bin', uid: 1, gid: 2, mtime: 3 });
    expect(entry).toMatchObject({ path: 'usr/bin/su', uid: 1, gid: 2, mtime: 3, mode: 0o644 });
  });

  it.each([
    ['missing', 'is not there'],
    ['file', 'is not a directory'],
  ])('refuses a %s directory', async (name, reason) => {
    await writeFile(join(directory, 'file'), '');
    await expect(readTree(join(directory, name))).rejects.toMatchObject({ code: 'DIRECTORY_MISSING', message: `${join(directory, name)} ${reason}` });
  });

  it('refuses a fifo', async () => {
    execFileSync('mkfifo', [join(directory, 'pipe')]);
    await expect(readTree(directory)).rejects.toMatchObject({
      code: 'FILE_TYPE_UNSUPPORTED',
      message: `${join(directory, 'pipe')} is neither file, directory nor symlink`,
    });
  });

  it('refuses a file of 4 GiB before it reads it', async () => {
    await (await open(join(directory, 'disk.img'), 'w')).close();
    await truncate(join(directory, 'disk.img'), 2 ** 32);
    await expect(readTree(directory)).rejects.toMatchObject({
      code: 'FILE_TOO_LARGE',
      message: expect.stringContaining(`${join(directory, 'disk.img')}: 4294967296 bytes`),
    });
  });

  it('names a file whose name is not UTF-8', async () => {
    await writeFile(Buffer.concat([Buffer.from(`${directory}/`), Buffer.from([0xe4])]), '');
    await expect(readTree(directory)).rejects.toMatchObject({ code: 'CPIO_PATH_INVALID', message: expect.stringContaining('the name is not UTF-8') });
  });
});

describe('a layer', () => {
  const layer = (): string => join(directory, 'layer.cpio');

  it('is read as it was written, sorted and with the directories above', async () => {
    await writeLayer(
      layer(),
      [...SAMPLE, fileEntry('etc/motd', '')].reverse().filter((entry) => entry.type !== 'file' || entry.hardLinkTo === undefined),
    );
    const expected = [...SAMPLE.filter((entry) => entry.type !== 'file' || entry.hardLinkTo === undefined)];
    expected.splice(8, 0, directoryEntry('etc'), fileEntry('etc/motd', ''));
    expect(plain(await readLayer(layer()))).toEqual(plain(expected));
    expect((await readLayer(layer()))[8]?.mtime).toBe(SOURCE_DATE_EPOCH);
  });

  it('is what encode gives, whatever the sizes of its files', async () => {
    const sizes = [3, 1 << 20, (1 << 20) - 200, 0, 7, (1 << 20) + 1, 3 << 20, 5, 1 << 19, 1 << 19, 1];
    const entries = sizes.map((size, index) => fileEntry(`file${index + 10}`, Buffer.alloc(size, index + 1)));
    await writeLayer(layer(), entries);
    expect((await readFile(layer())).equals(toBuffer(encode(entries)))).toBe(true);
    // Not toEqual, which takes half a minute for 10 MB.
    const contents = (await readLayer(layer())).map((entry) => [entry.path, entry.type === 'file' ? Buffer.from(bytesOf(entry.data)) : undefined] as const);
    expect(contents.map(([path]) => path)).toEqual(entries.map(({ path }) => path));
    for (const [index, [path, content]] of contents.entries()) expect(content?.equals(bytesOf(entries[index]!.data)), path).toBe(true);
    await mkdir(join(directory, 'tree'));
    for (const { path, data } of entries) await writeFile(join(directory, 'tree', path), bytesOf(data));
    await writeLayer(`${layer()}-of-tree`, await readTree(join(directory, 'tree')));
    expect((await readFile(`${layer()}-of-tree`)).equals(await readFile(layer()))).toBe(true);
  });

  it.each([
    ['shorter', 'a'],
    ['longer', 'abcd'],
    ['empty', ''],
  ])('of a file that became %s is not written', async (_, text) => {
    await mkdir(join(directory, 'tree'));
    await writeFile(join(directory, 'tree/file'), 'abc');
    const entries = await readTree(join(directory, 'tree'));
    await writeFile(join(directory, 'tree/file'), text);
    await expect(writeLayer(layer(), entries)).rejects.toMatchObject({
      code: 'FILE_CHANGED',
      message: `${join(directory, 'tree/file')} has ${text.length} bytes; it had 3 when the build began`,
    });
    expect(await readdir(directory)).toEqual(['tree']);
  });

  it('that cannot be written leaves the earlier one, and no incomplete file', async () => {
    await writeLayer(layer(), [fileEntry('a', '')]);
    const before = await readFile(layer());
    await expect(writeLayer(layer(), [fileEntry('a', ''), fileEntry('../b', '')])).rejects.toMatchObject({ code: 'CPIO_PATH_INVALID' });
    await expect(writeLayer(join(directory, 'missing/layer.cpio'), [])).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await readFile(layer())).toEqual(before);
    expect(await readdir(directory)).toEqual(['layer.cpio']);
  });

  it('does not depend on the umask', async () => {
    await chmod(directory, 0o755);
    const bytes = await Promise.all(
      [0o022, 0o077].map(async (umask) => {
        const before = process.umask(umask);
        await writeLayer(`${layer()}-${umask}`, SAMPLE).finally(() => process.umask(before));
        return readFile(`${layer()}-${umask}`);
      }),
    );
    expect(bytes[0]).toEqual(bytes[1]);
  });

  it('that is truncated while it is read is refused', async () => {
    // sysfs says 4096 of each file, and gives what it has.
    await expect(readLayer('/sys/class/net/lo/mtu')).rejects.toMatchObject({
      code: 'FILE_CHANGED',
      message: expect.stringMatching(/mtu has \d+ bytes; it had 4096/),
    });
  });

  it('stays on disk when it is read: a layer that changes meanwhile is not written', async () => {
    await writeLayer(layer(), [fileEntry('a', 'abc'), symlinkEntry('b', 'a')]);
    const entries = await readLayer(layer());
    await writeLayer(layer(), [fileEntry('a', 'abc')]);
    await expect(writeLayer(`${layer()}-merged`, entries)).rejects.toMatchObject({ code: 'FILE_CHANGED' });
  });

  it('that is damaged is refused by its path', async () => {
    await writeFile(layer(), Buffer.from('1f8b08', 'hex'));
    await expect(readLayer(layer())).rejects.toMatchObject({
      code: 'CPIO_DAMAGED',
      message: `${layer()}: archive is damaged at byte 0: found gzip data; decompress it first?`,
    });
  });
});
