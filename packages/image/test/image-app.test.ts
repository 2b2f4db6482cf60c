import type { Tree } from '@nx/devkit';
import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { serviceOfApp, type App, type AppOptions } from '../src/generators/container/app.ts';
import { shop } from './shop.ts';
import { infer } from './shop.ts';

let tree: Tree;
beforeEach(() => (tree = createTreeWithEmptyWorkspace({ formatter: 'none' })));

const PLACE = { root: 'os/edge', name: 'edge', file: 'os/edge/compose.yaml' };
const API: App = { project: 'api', root: 'apps/api', target: 'build', outputs: ['dist/apps/api'], options: { main: 'apps/api/src/main.ts' }, hasPrune: false };
const service = (app: Partial<App>, options: AppOptions): unknown => serviceOfApp(tree, PLACE, 'api', { ...API, ...app }, options);

describe('a container of a project of the workspace', () => {
  it('without a Dockerfile is an image with the runtime, and what the target makes', () => {
    expect(service({}, { base: 'node:22-slim', port: 3000 })).toEqual({
      image: 'node:22-slim',
      'x-os': { dependsOn: ['api:build'] },
      working_dir: '/app',
      command: 'node main.js',
      environment: { HOST: '0.0.0.0', PORT: '3000' },
      volumes: ['../../dist/apps/api:/app:ro'],
      ports: ['3000:3000'],
    });
  });

  it('with a Dockerfile is built by it, after the target, and has the port that it exposes', () => {
    tree.write('apps/api/Dockerfile', 'FROM node:22-slim\nCOPY dist /app\nEXPOSE 3333/tcp\n');
    expect(service({ outputs: ['apps/api/dist'] }, {})).toEqual({
      build: { context: '../../apps/api' },
      'x-os': { build: 'buildah', dependsOn: ['api:build'] },
      ports: ['3333:3333'],
    });
    expect(service({}, { base: 'node:22' })).toMatchObject({ image: 'node:22' });
  });

  it.each([
    ['main of the package.json that is built', { 'dist/apps/api/package.json': { main: './server.js' } }, {}, 'node server.js'],
    [
      'main of the project, which lies in what is built',
      { 'apps/api/package.json': { main: './dist/index.js' } },
      { outputs: ['apps/api/dist'] },
      'node index.js',
    ],
    ['start of the package.json that is built', { 'dist/apps/api/package.json': { scripts: { start: 'node a.js --x' } } }, {}, 'node a.js --x'],
    ['the option main', {}, { options: { main: 'src/server.mts' } }, 'node server.js'],
    ['the option outputFileName', {}, { options: { main: 'src/server.mts', outputFileName: 'x.mjs' } }, 'node x.mjs'],
  ])('is started by %s', (_, files, app, command) => {
    for (const [path, json] of Object.entries(files)) tree.write(path, JSON.stringify(json));
    expect(service({ options: {}, ...app }, { base: 'node:22' })).toMatchObject({ command });
  });

  it.each([['generatePackageJson', { options: { generatePackageJson: true, main: 'm.ts' } }] as const, ['a target prune', { hasPrune: true }] as const])(
    'with %s has the packages that it needs at run time, installed by a cached target of the image',
    (_, app) => {
      const pruned = 'hasPrune' in app ? [{ projects: ['api'], target: 'prune' }] : [];
      for (let times = 0; times < 2; times++)
        expect(service(app, { base: 'node:22' })).toMatchObject({
          'x-os': { dependsOn: ['api:build', 'edge:app-api'] },
          volumes: ['../../dist/os/edge/app-api:/app:ro'],
        });
      const { name, targets } = JSON.parse(tree.read('os/edge/project.json', 'utf8')!) as { name: string; targets: Record<string, unknown> };
      expect(name).toBe('edge');
      expect(Object.keys(targets)).toEqual(['app-api']);
      expect(targets['app-api']).toMatchObject({
        cache: true,
        dependsOn: [{ projects: ['api'], target: 'build' }, ...pruned],
        inputs: [{ dependentTasksOutputFiles: '**/*' }, { runtime: 'node --version' }],
        outputs: ['{workspaceRoot}/dist/os/edge/app-api'],
        options: { parallel: false, commands: [expect.anything(), expect.anything(), expect.stringMatching(/^npm ci --omit=dev .* dist\/os\/edge\/app-api$/)] },
      });
    },
  );

  it.each([
    ['neither Dockerfile nor --base', {}, {}, 'APP_BASE_MISSING'],
    ['nothing that says how it starts', { options: {} }, { base: 'b' }, 'APP_COMMAND_MISSING'],
    ['no outputs', { outputs: [] }, { base: 'b' }, 'APP_OUTPUTS_INVALID'],
    ['two outputs', { outputs: ['a', 'b'] }, { base: 'b' }, 'APP_OUTPUTS_INVALID'],
  ])('%s: refused with what to do', (_, app, options, code) => {
    expect(() => service(app, options)).toThrow(expect.objectContaining({ code, hint: expect.stringMatching(/--(base|command|app)/) as string }));
  });

  it('a Dockerfile that copies what is outside of its folder is refused', () => {
    tree.write('apps/api/Dockerfile', 'FROM node\nCOPY dist/apps/api /app\n');
    expect(() => service({}, {})).toThrow(expect.objectContaining({ code: 'APP_OUTPUTS_INVALID' }));
  });
});

describe('x-os.dependsOn of a service', () => {
  it('runs targets of other projects first, on which the image depends', () => {
    const compose =
      'services: { api: { image: node, x-os: { dependsOn: ["api:build", "shop:app-api"] }, volumes: ["../../dist/apps/api:/app:ro"] } }\nx-os: {}\n';
    const { targets = {}, implicitDependencies } = infer(compose)['os-images/shop']!;
    expect(targets['bundle-api']!.dependsOn).toEqual(expect.arrayContaining([{ target: 'build', projects: ['api'] }, 'app-api']));
    expect(implicitDependencies).toContain('api');
    expect(implicitDependencies).not.toContain('shop');
  });

  it('runs them before the image is built, where it is', () => {
    const targets = shop('services: { api: { build: ../../apps/api, x-os: { build: buildah, dependsOn: ["api:compile"] } } }\nx-os: {}\n', {
      'apps/api/Dockerfile': 'FROM scratch\n',
    });
    expect(targets['build-api']!.dependsOn).toEqual(['^build', { target: 'compile', projects: ['api'] }]);
  });

  it('names project and target', () => {
    expect(() => shop('services: { api: { image: node, x-os: { dependsOn: [build] } } }\nx-os: {}\n')).toThrow(/X_OS_INVALID: .*dependsOn/);
  });
});
