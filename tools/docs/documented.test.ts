import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, test } from 'vitest';
import { infer } from '../../packages/image/src/infer/infer.ts';
import { repositoryFiles, root } from '../files.ts';
import { commandsOf, documentedCommands } from './commands.ts';
import { HOW_RUN } from './how-run.ts';

const scriptsOf = (workspace = '.'): Record<string, string> =>
  (JSON.parse(readFileSync(join(root, workspace, 'package.json'), 'utf8')) as { scripts?: Record<string, string> }).scripts ?? {};
const projects = Object.values(infer('os-images/demo-os/compose.yaml', root).projects);
const targetsOf = (name: string): string[] => projects.flatMap((project) => (project.name === name ? Object.keys(project.targets ?? {}) : []));
const { targets: tools } = JSON.parse(readFileSync(join(root, 'tools/project.json'), 'utf8')) as { targets: Record<string, object> };
// An image may have each target of its base as its own.
const targets: Record<string, string[]> = {
  tools: Object.keys(tools),
  'base-vm': targetsOf('base-vm'),
  image: [...targetsOf('demo-os'), ...targetsOf('base-vm')],
};
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
    const run = [...text.matchAll(/\bnx run (?:(tools|base-vm)|demo-os|my-os|shop|<image>|IMAGE|\$\{[\w.]*image\}):([a-z][\w-]*)(?![\w-]*\$)/g)]
      .filter(([, project = 'image', name = '']) => !targets[project]?.includes(name))
      .map(([command]) => command);
    return [...named.map((name) => `${file}: npm run ${name}`), ...run.map((command) => `${file}: ${command}`)];
  });
  expect(wrong).toEqual([]);
});

it('finds the files that a document shows', () => {
  const text = '# Title\n\n```yaml\n# os-images/shop/compose.yaml: all of it\nservices: {}\nx-os: {}\n```\n\n```yaml\nx-os: {}\n```\n';
  expect(commandsOf(text, 'a.md')).toEqual([
    { file: 'a.md', line: 7, section: 'Title', commands: [], shows: { path: 'os-images/shop/compose.yaml', text: 'services: {}\nx-os: {}\n' } },
  ]);
});

it('finds fenced commands without their comments, and commands within the text', () => {
  const text =
    "# Title\n\nSay `npm test`, of `npm`.\n\n## Part\n\n  ```sh\n  # first\n  npx nx run a:b   # seconds\n  export X='#1'\n  ```\n\n```json\nnpm run no\n```\n";
  expect(commandsOf(text, 'a.md')).toEqual([
    { file: 'a.md', line: 3, section: 'Title', commands: ['npm test'] },
    { file: 'a.md', line: 8, section: 'Part', commands: ['npx nx run a:b', "export X='#1'"] },
  ]);
});
