import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readManifest, sha256File, writeManifest } from '../src/index.ts';

const root = mkdtempSync(join(tmpdir(), 'core-manifest-'));
afterAll(() => rmSync(root, { recursive: true }));

const SHA256_OF_ABC = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
const sources = [{ name: 'thing', version: '1.0', origin: 'https://example.org/thing-1.0.tar.xz', sha256: SHA256_OF_ABC }];

/** A directory with two files, one of them below, written in the given order. */
function artifact(name: string, files: string[]): string {
  const directory = join(root, name);
  for (const file of files) {
    mkdirSync(join(directory, file, '..'), { recursive: true });
    writeFileSync(join(directory, file), 'abc');
  }
  return directory;
}

it('measures every file, in byte order, with paths relative to itself', async () => {
  const directory = artifact('measured', ['usr/b', 'a']);
  await writeManifest(directory, { name: 'thing', version: '1.0', licence: 'MIT', sources, details: { applets: 300 } }, { gcc: '12.2' });
  expect(readFileSync(join(directory, 'manifest.json'), 'utf8')).toMatchInlineSnapshot(`
    "{
      "name": "thing",
      "version": "1.0",
      "licence": "MIT",
      "sources": [
        {
          "name": "thing",
          "version": "1.0",
          "origin": "https://example.org/thing-1.0.tar.xz",
          "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        }
      ],
      "toolchain": {
        "gcc": "12.2"
      },
      "outputs": [
        {
          "file": "a",
          "size": 3,
          "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        },
        {
          "file": "usr/b",
          "size": 3,
          "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        }
      ],
      "details": {
        "applets": 300
      }
    }
    "
  `);
});

it('is the same bytes for the same content, whatever directory, order of writing and date', async () => {
  const one = artifact('one', ['a', 'usr/b']);
  const two = artifact('another-directory/two', ['usr/b', 'a']);
  utimesSync(join(two, 'a'), 0, 0);
  await writeManifest(one, { name: 'thing', version: '1.0', licence: 'MIT' });
  await writeManifest(two, { licence: 'MIT', version: '1.0', name: 'thing' });
  expect(readFileSync(join(one, 'manifest.json'))).toEqual(readFileSync(join(two, 'manifest.json')));
});

it('is read back as written', async () => {
  const directory = artifact('read', ['a']);
  const written = await writeManifest(directory, { name: 'thing', version: '1.0', licence: 'MIT' });
  expect(await readManifest(directory)).toEqual(written);
});

it('of an artifact that was not built is ARTIFACT_MISSING, with the way to build it', async () => {
  await expect(readManifest(join(root, 'nothing'))).rejects.toMatchObject({ code: 'ARTIFACT_MISSING', hint: expect.stringContaining('with nx') });
});

it('a file is hashed as a stream', async () => {
  expect(await sha256File(join(artifact('hash', ['a']), 'a'))).toBe(SHA256_OF_ABC);
});
