import type { Tree } from '@nx/devkit';
import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import { beforeEach, expect, it } from 'vitest';
import { addContainer, serviceOfDirectory, serviceOfImage } from '../src/generators/container/add-container.ts';
import artifactPlugin from '../src/generators/artifact-plugin/generator.ts';
import image from '../src/generators/image/generator.ts';

let tree: Tree;
beforeEach(() => (tree = createTreeWithEmptyWorkspace({ formatter: 'none' })));

const FILE = 'os-images/shop/compose.yaml';
const changes = (): string[] => tree.listChanges().flatMap(({ path, type }) => (/^(os-images|packages)\//.test(path) ? [`${type} ${path}`] : []));

it('an image is a compose.yaml with one service, the same for Docker, and a folder with its files', async () => {
  await image(tree, { directory: 'shop' });
  expect(changes()).toEqual([`CREATE ${FILE}`, 'CREATE os-images/shop/web/srv/index.html']);
  expect(tree.read(FILE, 'utf8')).toBe(`# yaml-language-server: $schema=../../node_modules/@container-os/image/compose.schema.json
name: shop
services:
  web:
    build:
      context: ./web
      dockerfile_inline: |
        FROM busybox
        COPY . /
    x-os: {rootfs: [busybox, ./web]}
    command: [httpd, -f, -p, "80", -h, /srv]
    ports: ["8080:80"]
x-os: {console: {shell: true}}
`);
});

it('a second run changes nothing, and leaves what somebody wrote since', async () => {
  await image(tree, { directory: 'shop' });
  const edited = tree.read(FILE, 'utf8')!.replace('"8080:80"', '"80:80"');
  tree.write(FILE, edited);
  tree.write('os-images/shop/web/srv/index.html', 'mine\n');
  await image(tree, { directory: 'os-images/shop/' });
  expect(tree.read(FILE, 'utf8')).toBe(edited);
  expect(tree.read('os-images/shop/web/srv/index.html', 'utf8')).toBe('mine\n');
});

it('a container of an OCI image is its name, and needs no folder', () => {
  tree.write(FILE, 'services:\nx-os:\n');
  addContainer(tree, FILE, 'db', serviceOfImage('postgres:17', 5432));
  expect(tree.read(FILE, 'utf8')).toBe('services:\n  db:\n    image: postgres:17\n    ports: ["5432:5432"]\nx-os:\n');
  expect(changes()).toEqual([`CREATE ${FILE}`]);
});

it('a container is a service more, and comments stay', () => {
  tree.write(FILE, '# ours\nservices:\n  web:\n    image: i # first\nx-os:\n');
  addContainer(tree, FILE, 'mail', serviceOfDirectory('./mail'));
  expect(tree.read(FILE, 'utf8')).toBe(`# ours
services:
  web:
    image: i # first
  mail:
    build:
      context: ./mail
      dockerfile_inline: |
        FROM busybox
        COPY . /
    x-os: {rootfs: [busybox, ./mail]}
    command: [sleep, infinity]
x-os:
`);
});

it('an artifact plugin is one folder, and nothing outside of it', async () => {
  await artifactPlugin(tree, { name: 'agent', scope: '@acme' });
  expect(changes()).toEqual(
    ['package.json', 'executors.json', 'src/recipe.json', 'src/schema.json', 'src/executor.ts', 'README.md'].map((file) => `CREATE packages/agent/${file}`),
  );
  expect(JSON.parse(tree.read('packages/agent/package.json', 'utf8')!)).toMatchObject({ name: '@acme/agent', executors: './executors.json' });
});

it.each([
  ['an image', () => image(tree, { directory: 'os-images/My_Shop' })],
  ['an image outside of the workspace', () => image(tree, { directory: '../shop' })],
  ['a plugin', () => artifactPlugin(tree, { name: 'Agent', scope: '@acme' })],
])('%s that cannot have its name is refused with a hint, and nothing is written', async (_, generate) => {
  await expect(generate()).rejects.toThrow(/^NAME_INVALID: .*\n {2}hint: {2}\S/s);
  expect(changes()).toEqual([]);
});

it('a broken file is refused', () => {
  tree.write(FILE, 'services: {');
  expect(() => addContainer(tree, FILE, 'mail', serviceOfDirectory('./mail'))).toThrow(expect.objectContaining({ code: 'FILE_INVALID' }));
});
