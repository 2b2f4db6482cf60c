import { expect, it } from 'vitest';
import { compareInputs, formatChange, type RecordedInputs } from '../src/index.ts';

const none: RecordedInputs = { files: {}, artifacts: {}, tools: {}, npm: {}, configuration: {}, options: {}, arguments: {}, plan: {} };
const inputs = (over: Partial<RecordedInputs>): RecordedInputs => ({ ...none, ...over });
const told = (before: Partial<RecordedInputs>, now: Partial<RecordedInputs>): string[] => compareInputs(inputs(before), inputs(now)).map(formatChange);

it('names files that were added, removed and changed, and not those that are the same', () => {
  expect(told({ files: { a: '1', b: '1', c: '1' } }, { files: { a: '1', b: '2', d: '1' } })).toEqual(['b changed', 'c removed', 'd added']);
});

it('names the version of a tool, a Debian package and an npm package', () => {
  const before = { tools: { gcc: 'gcc (Debian 12.2.0-14+deb12u1) 12.2.0', 'deb:ovmf': '2022.11-6' }, npm: { ajv: '8.20.0' } };
  const now = { tools: { gcc: 'gcc (Debian 13.1.0-1) 13.1.0', 'deb:ovmf': 'missing' }, npm: { ajv: '8.21.0' } };
  expect(told({ tools: before.tools }, { tools: { ...before.tools, gcc: 'gcc (Debian 12.2.0-15) 12.2.0' } })).toEqual(['"gcc (Debian 12.2.0-14+deb12u1) 12.2.0" → "gcc (Debian 12.2.0-15) 12.2.0"']);
  expect(told(before, now)).toEqual(['deb:ovmf 2022.11-6 → none', 'gcc 12.2.0 → 13.1.0', 'npm package ajv 8.20.0 → 8.21.0']);
});

it('names an option with both values, a list by what came and went', () => {
  const options = { cmdline: 'a', fragments: ['x', 'y'] };
  expect(told({ options }, { options: { cmdline: 'b', fragments: ['y', 'z'] } })).toEqual(['option cmdline: "a" → "b"', 'option fragments: −"x", +"z"']);
});

it("names an entry of Nx's plan when nothing else explains it", () => {
  expect(told({ plan: { 'env:X': '1' } }, { plan: { 'env:X': '2' } })).toEqual(['env:X changed']);
});
