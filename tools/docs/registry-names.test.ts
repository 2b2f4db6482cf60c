import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, test } from 'vitest';
import { repositoryFiles, root } from '../files.ts';
import { registryNames } from './registry-names.ts';

interface Lock {
  packages: Record<string, { name?: string; bin?: Record<string, string>; link?: boolean }>;
}

/** What npm finds in node_modules and asks no registry for: the packages at its top, their programs, and the packages of the workspace. */
function known(): Set<string> {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lock;
  const top = Object.entries(packages).filter(([path]) => /^(?:node_modules\/(?:@[^/]+\/)?[^/]+|packages\/[^/]+)$/.test(path));
  // What `prebuild` packs is ours too, and no folder of the workspace.
  const packed = '@container-os/prebuilt-vm-amd64';
  return new Set(top.flatMap(([path, { name, bin = {} }]) => [...Object.keys(bin), ...(name ? [name] : []), path.replace(/^.*node_modules\//, ''), packed]));
}

// Anybody may register a name that is free, and run code of his own for whoever types what is written here.
test('no command in docs, messages, scripts and workflows asks a registry for a name that is neither locked nor of this workspace', () => {
  const names = known();
  const files = repositoryFiles().filter(
    (file) =>
      file !== 'package-lock.json' &&
      !/\.(iso|png|svg|xz|gz|snap)$/.test(file) &&
      file !== 'tools/docs/registry-names.test.ts' &&
      file !== 'tools/docs/registry-names.ts',
  );
  const unknown = files.flatMap((file) =>
    registryNames(readFileSync(join(root, file), 'utf8'))
      .filter(({ name }) => !names.has(name))
      .map(({ line, name }) => `${file}:${line}: ${name}`),
  );
  expect(unknown).toEqual([]);
});

test.each([
  ['npx cache-server relay --upstream https://…', ['cache-server']],
  ['`npx --yes -p left-pad pad`', ['left-pad', 'pad']],
  ['npm exec --package=left-pad -- pad', ['left-pad', 'pad']],
  ['npx @scope/tool@1.2.3 run', ['@scope/tool']],
  ['cd x && npx one; npm x two || nx add three', ['one', 'two', 'three']],
  ['npm i -w packages/core four', ['four']],
  ['npm create five', ['five']],
  ['yarn dlx six && pnpm dlx seven', ['six', 'seven']],
  ["execa('npx', ['eight', 'run'])", ['eight']],
  ["const nx = ['npx', 'nine'];", ['nine']],
  ['npm install', []],
  ['`npx` adds 0.6 s; npm run build; npm ci', []],
  ['sudo apt-get install -y chromium', []],
])('%s', (text, names) => {
  expect(registryNames(text).map(({ name }) => name)).toEqual(names);
});

it('names the line', () => {
  expect(registryNames('# A title\n\nnpx cowsay')).toEqual([{ line: 3, name: 'cowsay' }]);
});
