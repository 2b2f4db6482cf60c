import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { compareVersion, readTreeVersion } from '../src/tree-version.ts';

const tree = mkdtempSync(join(tmpdir(), 'kbuild-version-'));
afterAll(() => rmSync(tree, { recursive: true }));

const versionOf = (makefile: string): Promise<string | undefined> => {
  writeFileSync(join(tree, 'Makefile'), makefile);
  return readTreeVersion(tree);
};

it('the version is that of the Makefile', async () => {
  expect(await versionOf('# SPDX\nVERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 117\nEXTRAVERSION =\nNAME = Baby Opossum Posse\n')).toBe('6.12.117');
  expect(await versionOf('VERSION = 1\nPATCHLEVEL = 36\nSUBLEVEL = 1\nEXTRAVERSION =\n')).toBe('1.36.1');
  expect(await versionOf('all:\n\ttrue\n')).toBeUndefined();
});

it.each([
  ['6.6.57', '6.6.57', 0],
  ['6.6.57', '6.6', 0],
  ['6.6.57', '6.6.9', 1],
  ['6.9.0', '6.12', -1],
  ['7.2.13', '6.18.45', 1],
])('%s beside %s', (version, bound, expected) => {
  expect(Math.sign(compareVersion(version, bound))).toBe(expected);
});
