import type { Tree } from '@nx/devkit';
import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import image from '../src/generators/image/generator.ts';
import { relocate } from '../src/generators/image/relocate.ts';

let tree: Tree;
beforeEach(() => (tree = createTreeWithEmptyWorkspace({ formatter: 'none' })));

const read = (path: string): string | null => tree.read(path, 'utf8');
const WEB = 'services:\n  web:\n    image: nginx:1.27 # ours\n    volumes: ["./conf:/etc/nginx:ro"]\n';

describe('an image from a Compose file', () => {
  it('includes it', async () => {
    tree.write('compose.yaml', WEB);
    await image(tree, { directory: 'os/edge', from: ['compose.yaml'] });
    expect(read('os/edge/compose.yaml')).toBe(`# yaml-language-server: $schema=../../node_modules/@container-os/image/compose.schema.json
name: edge
include:
  - "../../compose.yaml"
x-os: {}
`);
    expect(read('compose.yaml')).toBe(WEB);
  });

  it('includes several as one, and finds the file of a folder', async () => {
    tree.write('apps/api/docker-compose.yml', 'services:\n  api:\n    image: api\n');
    tree.write('prod.yml', 'services:\n  api:\n    restart: always\n');
    await image(tree, { directory: 'os/edge', from: ['apps/api', './prod.yml'] });
    expect(read('os/edge/compose.yaml')).toContain('  - path: ["../../apps/api/docker-compose.yml", "../../prod.yml"]\n');
  });

  it('includes the override file beside a single one with a name of Docker, and beside no other', async () => {
    tree.write('app/compose.yaml', WEB);
    tree.write('app/compose.override.yml', 'services: { web: { tty: true } }\n');
    tree.write('app/prod.yaml', 'services: { web: { image: nginx } }\n');
    await image(tree, { directory: 'os/one', from: ['app'] });
    expect(read('os/one/compose.yaml')).toContain('  - path: ["../../app/compose.yaml", "../../app/compose.override.yml"]\n');
    await image(tree, { directory: 'os/two', from: ['app/compose.yaml', 'app/prod.yaml'] });
    expect(read('os/two/compose.yaml')).toContain('  - path: ["../../app/compose.yaml", "../../app/prod.yaml"]\n');
    await image(tree, { directory: 'os/three', from: ['app/prod.yaml'] });
    expect(read('os/three/compose.yaml')).toContain('  - "../../app/prod.yaml"\n');
    const copy = image(tree, { directory: 'os/four', from: ['app'], copy: true });
    await expect(copy).rejects.toThrow(/^COPY_INVALID: .*app\/compose.yaml, app\/compose.override.yml\n {2}hint: /);
  });

  it('has buildah build what the file builds', async () => {
    tree.write('compose.yaml', `${WEB}  api:\n    build: ./api\n  db:\n    build: ./db\n    x-os: { image: "oci-archive:./db.tar" }\n`);
    tree.write('api/Dockerfile', 'FROM scratch\n');
    await image(tree, { directory: 'os/edge', from: ['compose.yaml'] });
    expect(read('os/edge/compose.yaml')).toContain('  - path: ["../../compose.yaml", "build.yaml"]\n');
    expect(read('os/edge/build.yaml')).toMatch(/^# .*\nservices:\n {2}api: \{ x-os: \{ build: buildah \} \}\n$/);
  });

  it.each([false, true])('made twice is the same; what people set in x-os stays; other arguments are refused (--copy: %s)', async (copy) => {
    tree.write('compose.yaml', WEB);
    tree.write('other.yaml', 'services: { a: { image: b } }\n');
    const options = { directory: 'os/edge', from: ['compose.yaml'], copy };
    await image(tree, options);
    const edited = read('os/edge/compose.yaml')!.replace('x-os: {}', 'x-os: { hostname: edge1 }');
    tree.write('os/edge/compose.yaml', edited);
    await image(tree, options);
    expect(read('os/edge/compose.yaml')).toBe(edited);
    await expect(image(tree, { ...options, from: ['other.yaml'] })).rejects.toThrow(/^IMAGE_EXISTS: os\/edge\/compose.yaml .*hint/s);
  });

  it.each([
    ['no such file', ['nothing.yaml'], /^COMPOSE_FILE_MISSING: nothing.yaml/],
    ['a file outside of the workspace', ['../compose.yaml'], /^COMPOSE_FILE_MISSING/],
    ['the file that would be written', ['os/edge/compose.yaml'], /^IMAGE_EXISTS/],
    ['a key that the OS cannot do', ['gpu.yaml'], /^COMPOSE_KEY_UNSUPPORTED: gpu.yaml:2:24/],
    ['a file that Docker would refuse', ['broken.yaml'], /broken.yaml:1/],
  ])('%s is refused, with what to do', async (_, from, message) => {
    tree.write('gpu.yaml', 'services:\n  web: { image: nginx, gpus: all }\n');
    tree.write('broken.yaml', 'services: [a]\n');
    tree.write('os/edge/compose.yaml', 'services: {}\n');
    if (from[0] !== 'os/edge/compose.yaml') tree.delete('os/edge/compose.yaml');
    const refusal = expect(image(tree, { directory: 'os/edge', from })).rejects;
    await refusal.toThrow(message);
    await refusal.toThrow(/\n {2}hint: {2}\S/);
  });

  it('is formatted as the workspace formats', async () => {
    tree = createTreeWithEmptyWorkspace({ formatter: 'prettier' });
    tree.write('compose.yaml', WEB);
    await image(tree, { directory: 'os/edge', from: ['compose.yaml'] });
    expect(read('os/edge/compose.yaml')).toContain("  - '../../compose.yaml'\n");
    await image(tree, { directory: 'os/edge', from: ['compose.yaml'] });
    expect(read('os/edge/compose.yaml')).toContain("  - '../../compose.yaml'\n");
  });

  it('a name that another project has is refused', async () => {
    tree.write('apps/edge/project.json', '{ "name": "edge" }');
    tree.write('compose.yaml', WEB);
    await expect(image(tree, { directory: 'os/edge', from: ['compose.yaml'] })).rejects.toThrow(/^NAME_TAKEN: .*apps\/edge/s);
  });
});

describe('a copy', () => {
  it('has the text of the file, and its paths lead where they led', async () => {
    tree.write('compose.yaml', WEB);
    tree.write('.env', 'A=1\n');
    await image(tree, { directory: 'os/edge', from: ['compose.yaml'], copy: true });
    expect(read('os/edge/compose.yaml')).toContain(`compose.schema.json
name: edge
x-os: {}
services:
  web:
    image: nginx:1.27 # ours
    volumes: ["../../conf:/etc/nginx:ro"]
`);
    expect(read('os/edge/.env')).toBeNull();
  });

  it('has the variables that the file uses', async () => {
    tree.write('compose.yaml', 'services: { web: { image: "nginx:${TAG}" } }\n');
    tree.write('.env', 'TAG=1.27\n');
    await image(tree, { directory: 'os/edge', from: ['compose.yaml'], copy: true });
    expect(read('os/edge/.env')).toBe('TAG=1.27\n');
  });

  it('moves every kind of path, and nothing else', () => {
    const text = `# theirs
name: app
include: [./a.yaml, { path: [b.yaml], project_directory: ., env_file: b.env }]
x-common: &common
  env_file: [common.env, { path: ./more.env, required: false }]
services:
  api:
    <<: *common
    build: { context: ./api, dockerfile: Dockerfile.prod, additional_contexts: { lib: ../lib, base: "docker-image://alpine" } }
    user: 0700
    volumes:
      - './data/:/data'
      - data:/var
      - \${DATA:-./d}:/d
      - $HOME/x:/x
      - ~/y:/y
      - /srv:/srv
      - { type: bind, source: etc, target: /etc/app }
      - { type: volume, source: data, target: /v }
    secrets: [key]
  web:
    extends: { file: base.yaml, service: web }
    build: https://example.com/web.git
  db: { build: db, label_file: ./labels, x-os: { rootfs: [busybox, ./db, ../x], patches: [./p.json] } }
  cache: { image: i, x-os: { image: "oci-archive:./cache.tar" } }
  queue: { build: queue }
secrets: { key: { file: ./key.txt }, other: { environment: OTHER } }
configs: { c: { file: c.conf }, inline: { content: ./text } }
volumes: { data: { driver: local, driver_opts: { type: none, o: bind, device: ./vol } } }
`;
    expect(relocate(text, { from: 'app', to: 'os/edge', name: 'edge', built: ['api', 'queue'] })).toBe(`# theirs
x-os: {}
name: edge
include: [../../app/a.yaml, { path: [../../app/b.yaml], project_directory: ../../app, env_file: ../../app/b.env }]
x-common: &common
  env_file: [../../app/common.env, { path: ../../app/more.env, required: false }]
services:
  api:
    x-os: { build: buildah }
    <<: *common
    build: { context: ../../app/api, dockerfile: Dockerfile.prod, additional_contexts: { lib: ../../lib, base: "docker-image://alpine" } }
    user: 0700
    volumes:
      - '../../app/data/:/data'
      - data:/var
      - \${DATA:-../../app/d}:/d
      - $HOME/x:/x
      - ~/y:/y
      - /srv:/srv
      - { type: bind, source: ../../app/etc, target: /etc/app }
      - { type: volume, source: data, target: /v }
    secrets: [key]
  web:
    extends: { file: ../../app/base.yaml, service: web }
    build: https://example.com/web.git
  db: { build: ../../app/db, label_file: ../../app/labels, x-os: { rootfs: [busybox, ../../app/db, ../../x], patches: [../../app/p.json] } }
  cache: { image: i, x-os: { image: "oci-archive:../../app/cache.tar" } }
  queue: {"x-os": { build: buildah },  build: ../../app/queue }
secrets: { key: { file: ../../app/key.txt }, other: { environment: OTHER } }
configs: { c: { file: ../../app/c.conf }, inline: { content: ./text } }
volumes: { data: { driver: local, driver_opts: { type: none, o: bind, device: ../../app/vol } } }
`);
  });
});
