import { readNxJson, updateNxJson, type Tree } from '@nx/devkit';
import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import { beforeEach, expect, it } from 'vitest';
import init from '../src/generators/init/generator.ts';

let tree: Tree;
beforeEach(() => (tree = createTreeWithEmptyWorkspace({ formatter: 'none' })));

const PLUGIN = '@container-os/image/plugin';
const registered = (): unknown => readNxJson(tree)?.plugins;

it('registers the plugin, has git ignore what is built, and changes nothing else', async () => {
  tree.write('.gitignore', 'node_modules');
  const before = tree.read('package.json', 'utf8');
  await init(tree, {});
  await init(tree, {});
  expect(registered()).toEqual([PLUGIN]);
  expect(tree.read('.gitignore', 'utf8')).toBe('node_modules\ndist\n.nx/cache\n.nx/workspace-data\n');
  expect(tree.read('package.json', 'utf8')).toBe(before);
});

it.each([[PLUGIN], [{ plugin: PLUGIN, options: { targetPrefix: 'x-' } }]])('a plugin that is there stays as it is: %j', async (plugin) => {
  updateNxJson(tree, { plugins: ['@nx/eslint/plugin', plugin] });
  await init(tree, {});
  expect(registered()).toEqual(['@nx/eslint/plugin', plugin]);
});

it.each([['dist\n.nx/cache\n.nx/workspace-data\n'], ['/dist/\n.nx/\n'], ['dist/\r\n.nx\r\n']])(
  'a .gitignore that excludes all is left alone: %j',
  async (text) => {
    tree.write('.gitignore', text);
    await init(tree, {});
    expect(tree.read('.gitignore', 'utf8')).toBe(text);
  },
);
