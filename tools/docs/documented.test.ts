import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, test } from 'vitest';
import { repositoryFiles, root } from '../files.ts';
import { commandsOf, documentedCommands } from './commands.ts';
import { HOW_RUN } from './how-run.ts';

const scriptsOf = (workspace = '.'): Record<string, string> =>
  (JSON.parse(readFileSync(join(root, workspace, 'package.json'), 'utf8')) as { scripts?: Record<string, string> }).scripts ?? {};
const { targets } = JSON.parse(readFileSync(join(root, 'os-images/demo-os/project.json'), 'utf8')) as { targets: Record<string, object> };
const documented = documentedCommands('demo-os').flatMap(({ file, line, commands }) => commands.map((command) => ({ where: `${file}:${line}`, command })));

test('how-run.ts tells of every documented command how it is run, or why not', () => {
  expect(documented.filter(({ command }) => !(command in HOW_RUN)).map(({ where, command }) => `${where}: ${command}`)).toEqual([]);
});

test('how-run.ts has no command that is documented no more', () => {
  const known = new Set(documented.map(({ command }) => command));
  expect(Object.keys(HOW_RUN).filter((command) => !known.has(command))).toEqual([]);
});

test('what runs a command elsewhere is there', () => {
  const places = Object.values(HOW_RUN).flatMap((how) => ('by' in how ? [how.by] : []));
  expect(places.filter((file) => !existsSync(join(root, file)))).toEqual([]);
});

// Also those of messages: a hint that names a script or target that is gone helps nobody.
test('every npm script and every target of an image that docs, messages and workflows name exists', () => {
  const files = repositoryFiles().filter((file) => /\.(?:md|ts|mjs|json|yml|sh)$|^\.ci\//.test(file) && !/\.test\.ts$|^package-lock\.json$/.test(file));
  const wrong = files.flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    const named = [...text.matchAll(/\bnpm run (?:--silent )?([a-z][\w:-]*\w)(?: -w ([\w/-]+))?/g)]
      .filter(([, name = '', workspace]) => !(name in scriptsOf(workspace)))
      .map(([, name]) => name);
    // In code an image may come from a variable; a target that does is another test's.
    const run = [...text.matchAll(/\bnx run (?:demo-os|my-os|<image>|IMAGE|\$\{[\w.]*image\}):([a-z][\w-]*)/g)]
      .map(([, name = '']) => name)
      .filter((name) => !(name in targets));
    return [...named.map((name) => `${file}: npm run ${name}`), ...run.map((name) => `${file}: nx run …:${name}`)];
  });
  expect(wrong).toEqual([]);
});

it('finds fenced commands without their comments, and commands within the text', () => {
  const text =
    "# Title\n\nSay `npm test`, of `npm`.\n\n## Part\n\n  ```sh\n  # first\n  npx nx run a:b   # seconds\n  export X='#1'\n  ```\n\n```json\nnpm run no\n```\n";
  expect(commandsOf(text, 'a.md')).toEqual([
    { file: 'a.md', line: 3, section: 'Title', commands: ['npm test'] },
    { file: 'a.md', line: 8, section: 'Part', commands: ['npx nx run a:b', "export X='#1'"] },
  ]);
});
