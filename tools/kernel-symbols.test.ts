import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { requireSurvival } from '@container-os/kbuild';
import { globbySync } from 'globby';
import { expect, it } from 'vitest';
import { root } from './files.ts';
import { readFragments, readTable } from './kernel-symbols.ts';

const fragments = readFragments();
const table = readTable();
const requests = [...fragments.values()].flat();

it('the table has the symbols of the fragments, and no others; kernel-symbols.ts renews it', () => {
  const symbols = [...new Set(requests.map(({ symbol }) => symbol))].sort();
  for (const marks of table.values()) expect([...marks.keys()]).toEqual(symbols);
});

it('it has the versions that an image is built from', () => {
  expect([...table.keys()].map((version) => version.replace(/\.\d+$/, ''))).toEqual(expect.arrayContaining(['6.1', '6.6', '6.12', '7.2']));
});

it.each([...table])('no line of the fragments is lost in Linux %s for want of its symbol', (version, marks) => {
  const lookedUp = requests.filter(({ symbol }) => marks.get(symbol) !== '?');
  const defined = lookedUp.filter(({ symbol }) => marks.get(symbol) === '+');
  const definitions = new Map(defined.map(({ symbol }) => [symbol.replace('CONFIG_', ''), [[]]]));
  const absent = requireSurvival({ requests: lookedUp, actual: new Map(defined.map(({ symbol, value }) => [symbol, value])), allow: {}, definitions, version });
  expect(absent.length + defined.length).toBe(lookedUp.length);
});

it('no fragment of a base or an image ends in lines with a condition: a line that somebody appends would have it too', () => {
  const ending = globbySync(['packages/image/bases/*/kernel/*.config', 'os-images/**/*.config'], { cwd: root }).filter((file) => {
    const comments =
      readFileSync(join(root, file), 'utf8')
        .trimEnd()
        .split(/\n\n/)
        .at(-1)
        ?.match(/^#(?! CONFIG_).*/gm) ?? [];
    return /^# (since \d|until \d|one of$)/.test(comments.at(-1) ?? '');
  });
  expect(ending).toEqual([]);
});
