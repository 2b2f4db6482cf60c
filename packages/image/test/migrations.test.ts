import { readJson, type Tree } from '@nx/devkit';
import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import { beforeEach, expect, it } from 'vitest';
import composeProgram from '../src/migrations/compose-program.ts';

let tree: Tree;
beforeEach(() => (tree = createTreeWithEmptyWorkspace({ formatter: 'none' })));

const ROOT = `{
  "name": "shop", "private": true,
  "scripts": { "check": "container-os check os/edge/compose.yaml && container-os config" },
  "devDependencies": { "@container-os/image": "0.2.0" }
}
`;

it('scripts that call container-os call compose, and the workspace gets its package', () => {
  tree.write('package.json', ROOT);
  expect(composeProgram(tree)).toBeTypeOf('function');
  const { scripts, devDependencies } = readJson<Record<string, Record<string, string>>>(tree, 'package.json');
  expect(scripts).toEqual({ check: 'compose check os/edge/compose.yaml && compose config' });
  expect(devDependencies).toEqual({ '@container-os/compose': '0.2.0', '@container-os/image': '0.2.0' });
});

it('scripts of projects of the workspace too', () => {
  tree.write('package.json', ROOT.replace(/ *"scripts".*\n/, ''));
  tree.write('apps/api/package.json', '{ "name": "api", "scripts": { "lint": "container-os check compose.yaml" } }');
  composeProgram(tree);
  expect(readJson(tree, 'apps/api/package.json')).toEqual({ name: 'api', scripts: { lint: 'compose check compose.yaml' } });
});

it('a second run, and a workspace whose scripts do not call it, change nothing', () => {
  tree.write('package.json', ROOT);
  composeProgram(tree);
  const once = tree.read('package.json', 'utf8');
  expect(composeProgram(tree)).toBeUndefined();
  expect(tree.read('package.json', 'utf8')).toBe(once);
  const others = '{ "scripts": { "a": "nx g @container-os/image:image check", "b": "./container-os.sh check", "c": "ls container-os" } }';
  tree.write('package.json', others);
  expect(composeProgram(tree)).toBeUndefined();
  expect(tree.read('package.json', 'utf8')).toBe(others);
});
