import { expect, it } from 'vitest';
import { dockerignore } from '../../src/oci-build/dockerignore.ts';

it.each([
  ['node_modules', 'node_modules/x/index.js', true],
  ['node_modules', 'a/node_modules/x', false],
  ['**/node_modules', 'a/b/node_modules/x', true],
  ['/dist/', 'dist/main.js', true],
  ['./dist', 'dist', true],
  ['*.log', 'a.log', true],
  ['*.log', 'a/b.log', false],
  ['*/temp*', 'a/temporary.txt', true],
  ['temp?', 'tempa', true],
  ['temp?', 'temp', false],
  ['*\n!keep', 'keep', false],
  ['*\n!keep', 'other', true],
  ['*\n!src/**\nsrc/secret', 'src/a/b.ts', false],
  ['*\n!src/**\nsrc/secret', 'src/secret', true],
  ['# a comment\n\n.env', '.env', true],
  ['.git', '.gitignore', false],
])('%j: %s is left out: %s', (text, path, expected) => {
  expect(dockerignore(text)(path)).toBe(expected);
});
