import { execFileSync } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
let clone: string;

/** What git says of each file: the line ends it has in the index and in the checkout. */
const lineEnds = (): string[] => execFileSync('git', ['-C', clone, 'ls-files', '--eol'], { encoding: 'utf8' }).trim().split('\n');

beforeAll(async () => {
  clone = await mkdtemp(join(tmpdir(), 'line-ends-'));
  execFileSync('git', ['clone', '--quiet', '--shared', '--config', 'core.autocrlf=true', '--no-checkout', ROOT, clone]);
  // The attributes as they are now, committed or not.
  await cp(join(ROOT, '.gitattributes'), join(clone, '.git/info/attributes'));
  execFileSync('git', ['-C', clone, 'checkout', '--quiet']);
});
afterAll(() => rm(clone, { recursive: true }));

it('a clone with core.autocrlf=true has LF in every file', () => {
  const files = lineEnds();
  expect(files.length).toBeGreaterThan(100);
  expect(files.filter((line) => /w\/(crlf|mixed)/.test(line))).toEqual([]);
});
