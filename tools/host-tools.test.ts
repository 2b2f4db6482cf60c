import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { root } from './files.ts';
import { recipeTools, testTools } from './host-tools.mjs';

const CATALOGUE = 'packages/core/tools.json';
let workspace: string;

beforeEach(() => {
  workspace = mkdtempSync(join(tmpdir(), 'host-tools-'));
  mkdirSync(join(workspace, 'packages/core'), { recursive: true });
  cpSync(join(root, CATALOGUE), join(workspace, CATALOGUE));
});

afterEach(() => rmSync(workspace, { recursive: true }));

function write(file: string, content: object): void {
  mkdirSync(dirname(join(workspace, file)), { recursive: true });
  writeFileSync(join(workspace, file), JSON.stringify(content));
}

function read(file: string): Record<string, { for?: string }> {
  return JSON.parse(readFileSync(join(root, file), 'utf8')) as Record<string, { for?: string }>;
}

it('every tool of the catalogue is in a recipe, and every tool of a recipe has an entry', () => {
  const named = recipeTools(root);
  expect(Object.keys(read(CATALOGUE)).filter((name) => !(name in named))).toEqual([]);
});

it('a tool that only tests call has a reason, and is in no recipe', () => {
  const named = recipeTools(root);
  // Compiling works without ccache: the recipes take it where the machine has it, and name no package.
  const doubled = Object.keys(testTools(root, { e2e: true })).filter((name) => named[name]?.deb !== undefined);
  expect(doubled).toEqual([]);
  expect(Object.entries(read('tools/host-tools.json')).filter(([, tool]) => !tool.for)).toEqual([]);
});

it('refuses a recipe with a tool that nobody describes', () => {
  write('packages/agent/src/recipe.json', { utilities: ['gcc', 'rustc?'] });
  expect(() => recipeTools(workspace)).toThrow('packages/agent/src/recipe.json: no tool "rustc"');
});

it('finds tools of groups, programs that a tool brings, tools that an option names, and those of the recipe itself', () => {
  write('packages/agent/src/recipe.json', { tools: ['bison', '{options.compression}', { tool: 'libssl' }, 'rustc'], ownTools: { rustc: { deb: 'rustc' } } });
  write('packages/agent/src/schema.json', { properties: { compression: { enum: ['zstd', 'none'] } } });
  write('packages/sources/src/sources/recipe.json', { utilities: ['source-archives'] });
  const tools = recipeTools(workspace);
  expect(Object.keys(tools)).toEqual(expect.arrayContaining(['bison', 'm4', 'zstd', 'libssl', 'rustc', 'tar', 'gpgv']));
  expect(tools['rustc']).toEqual({ deb: 'rustc' });
  expect(tools['none']).toBeUndefined();
});
