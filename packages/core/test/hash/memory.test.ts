import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DigestMemory } from '../../src/hash/memory.ts';

let root: string;
let file: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'memory-'));
  file = join(root, 'file');
});
afterEach(() => rmSync(root, { recursive: true }));

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const stored = (): string => join(root, '.nx/workspace-data', readdirSync(join(root, '.nx/workspace-data'))[0] ?? '');

/** Puts a wrong digest in the memory: whoever still gets the right one has read the file. */
function forge(): void {
  writeFileSync(stored(), readFileSync(stored(), 'utf8').replaceAll(/"sha256":"\w+"/g, '"sha256":"remembered"'));
}

/** Reads the file once it is old enough to be remembered. */
async function remember(text: string): Promise<void> {
  writeFileSync(file, text);
  await setTimeout(2100);
  const memory = new DigestMemory(root);
  memory.sha256(file);
  memory.save();
}

it('a file that is as it was is not read again', async () => {
  await remember('text');
  forge();
  expect(new DigestMemory(root).sha256(file)).toBe('remembered');
});

it('a file of the same size and date with other content is read: its ctime is another one', async () => {
  await remember('text');
  const { atime, mtime } = statSync(file);
  writeFileSync(file, 'TEXT');
  utimesSync(file, atime, mtime);
  expect(new DigestMemory(root).sha256(file)).toBe(sha256('TEXT'));
});

it('another file in its place is read: its inode is another one', async () => {
  await remember('text');
  writeFileSync(`${file}-new`, 'TEXT');
  renameSync(`${file}-new`, file);
  expect(new DigestMemory(root).sha256(file)).toBe(sha256('TEXT'));
});

it('a file that was changed just now is not remembered: the next change may leave the same times', () => {
  writeFileSync(file, 'text');
  const memory = new DigestMemory(root);
  expect(memory.sha256(file)).toBe(sha256('text'));
  memory.save();
  expect(existsSync(join(root, '.nx/workspace-data'))).toBe(false);
});

it('what was asked a moment ago is asked again where an edit would matter', () => {
  const memory = new DigestMemory(root);
  let times = 0;
  const ask = (): number => memory.recently('key', () => ++times);
  expect([ask(), ask()]).toEqual([1, 1]);
  memory.askAgain();
  expect(ask()).toBe(2);
});

it('what was derived of files is derived again when one of them is another, or is there now', async () => {
  await remember('text');
  const missing = join(root, 'missing');
  let times = 0;
  const derive = (): number => new DigestMemory(root).derived('key', () => ({ value: ++times, files: [file, missing] }));
  const memory = new DigestMemory(root);
  memory.derived('key', () => ({ value: ++times, files: [file, missing] }));
  memory.save();
  expect([derive(), times]).toEqual([1, 1]);
  writeFileSync(missing, '');
  expect(derive()).toBe(2);
});

it('a memory that is damaged, or of another version, is forgotten', async () => {
  await remember('text');
  for (const text of ['{', '{"version":0,"files":{}}', 'null']) {
    writeFileSync(stored(), text);
    expect(new DigestMemory(root).sha256(file)).toBe(sha256('text'));
  }
});

it('files that are gone are forgotten', async () => {
  await remember('text');
  rmSync(file);
  writeFileSync(`${file}-2`, 'text');
  await setTimeout(2100);
  const memory = new DigestMemory(root);
  memory.sha256(`${file}-2`);
  memory.save();
  expect(readFileSync(stored(), 'utf8')).not.toContain(JSON.stringify(file));
  expect(existsSync(stored())).toBe(true);
});
