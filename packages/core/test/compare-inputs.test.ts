import { expect, it } from 'vitest';
import type { ToolInput } from '../src/hash/tools.ts';
import { compareInputs, formatChange, type RecordedInputs } from '../src/index.ts';

const none: RecordedInputs = { files: {}, artifacts: {}, tools: {}, npm: {}, configuration: {}, options: {}, arguments: {}, runtime: {}, plan: {} };
const inputs = (over: Partial<RecordedInputs>): RecordedInputs => ({ ...none, ...over });
const told = (before: Partial<RecordedInputs>, now: Partial<RecordedInputs>): string[] => compareInputs(inputs(before), inputs(now)).map(formatChange);

it('names files that were added, removed and changed, and not those that are the same', () => {
  expect(told({ files: { a: '1', b: '1', c: '1' } }, { files: { a: '1', b: '2', d: '1' } })).toEqual(['b changed', 'c removed', 'd added']);
});

it('names the version of a tool, a Debian package and an npm package', () => {
  const gcc = (version: string, files: Record<string, string> = { gcc: '1' }): ToolInput => ({
    version: `gcc (Debian ${version}) ${version.replace(/-.*/, '')}`,
    files,
  });
  const before = { tools: { gcc: gcc('12.2.0-14'), ovmf: { version: 'ovmf', files: { 'deb:ovmf': '1' } } }, npm: { ajv: '8.20.0' } };
  const now = { tools: { gcc: gcc('13.1.0-1'), ovmf: { version: 'missing', files: {} } }, npm: { ajv: '8.21.0' } };
  expect(told({ tools: before.tools }, { tools: { ...before.tools, gcc: gcc('12.2.0-15') } })).toEqual([
    '"gcc (Debian 12.2.0-14) 12.2.0" → "gcc (Debian 12.2.0-15) 12.2.0"',
  ]);
  expect(told(before, now)).toEqual(['gcc 12.2.0 → 13.1.0', 'ovmf was removed', 'npm package ajv 8.20.0 → 8.21.0']);
});

it('names the files of a tool that calls itself by the same version', () => {
  const before = { mksquashfs: { version: 'mksquashfs version 4.5.1 (2022/03/17)', files: { mksquashfs: '1', 'liblz4.so.1': '1' } } };
  const now = { mksquashfs: { ...before.mksquashfs, files: { mksquashfs: '1', 'liblz4.so.1': '2' } } };
  expect(told({ tools: before }, { tools: now })).toEqual(['mksquashfs 4.5.1: the same version, but other bytes: liblz4.so.1']);
});

it('names an option with both values, a list by what came and went', () => {
  const options = { cmdline: 'a', fragments: ['x', 'y'] };
  expect(told({ options }, { options: { cmdline: 'b', fragments: ['y', 'z'] } })).toEqual(['option cmdline: "a" → "b"', 'option fragments: −"x", +"z"']);
});

it("names an entry of Nx's plan when nothing else explains it", () => {
  expect(told({ plan: { 'env:X': '1' } }, { plan: { 'env:X': '2' } })).toEqual(['env:X changed']);
});
