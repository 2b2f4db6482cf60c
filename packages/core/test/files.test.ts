import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exists, ifThere, parseJson, readImageText, shellQuote, columns, run, type BuildContext } from '../src/index.ts';
import { readRecord } from '../src/files.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'core-files-'));
  mkdirSync(join(root, 'directory'));
  symlinkSync('circle', join(root, 'circle'));
  for (const [name, text] of Object.entries({ text: 'x', 'good.json': '{"a":1}', 'cut.json': '{"a"' })) writeFileSync(join(root, name), text);
});
afterAll(() => rmSync(root, { recursive: true }));

describe('a file that may be missing', () => {
  it.each(['none', 'text/below'])('%s is missing', async (path) => {
    expect(await ifThere(readFile(join(root, path), 'utf8'))).toBeUndefined();
    expect(await exists(join(root, path))).toBe(false);
  });

  it('is there', async () => {
    expect(await ifThere(readFile(join(root, 'text'), 'utf8'))).toBe('x');
    expect(await exists(join(root, 'directory'))).toBe(true);
  });

  it.each(['circle', 'n'.repeat(300)])('%s cannot be read, which is another failure', async (path) => {
    await expect(exists(join(root, path))).rejects.toThrow(/ELOOP|ENAMETOOLONG/);
  });

  it.each([
    ['none', undefined],
    ['cut.json', undefined],
    ['good.json', { a: 1 }],
  ])('the record in %s is %j', async (name, value) => {
    expect(await readRecord(join(root, name))).toEqual(value);
  });
});

it.each([
  ['none', 'no such file'],
  ['directory', 'a directory, expected a file'],
])('says which option names %s', async (path, fault) => {
  const context = { file: (name: string) => join(root, name), image: 'demo-os', target: 'system' } as BuildContext;
  await expect(readImageText(path, 'motd', context)).rejects.toMatchObject({
    code: 'FILE_MISSING',
    message: `${join(root, path)}: ${fault}`,
    hint: 'Create the file, or correct the option "motd" of demo-os:system.',
  });
});

it('says what is no JSON, with the code that it is told', () => {
  expect(parseJson('a.json', '[1]', 'X')).toEqual([1]);
  expect(() => parseJson('a.json', '[', 'X')).toThrow(
    expect.objectContaining({ code: 'X', message: expect.stringMatching(/^a\.json: not JSON: ./) as string }),
  );
});

it('quotes a word for the shell', async () => {
  for (const word of ["it's", '$HOME "x" `y`\n\\', '']) expect((await run(['sh', '-c', `printf %s ${shellQuote(word)}`])).stdout).toBe(word);
});

it('aligns columns, and those of numbers to the right', () => {
  expect(
    columns(
      [
        ['a', '1', 'x'],
        ['long', '100'],
        ['', '10', 'y'],
      ],
      [1],
    ),
  ).toEqual(['a       1  x', 'long  100', '       10  y']);
});
