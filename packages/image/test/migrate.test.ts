import type { Tree } from '@nx/devkit';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FsTree } from 'nx/src/generators/tree.js';
import { beforeEach, expect, it, vi } from 'vitest';
import migrate from '../src/generators/migrate/generator.ts';
import type { OldProject } from '../src/generators/migrate/migrate.ts';
import type { OldContainer } from '../src/generators/migrate/service.ts';
import { shop } from './shop.ts';

const ROOT = join(import.meta.dirname, '../../..');
const IMAGE = 'os-images/shop';

/** The last demo-os in the old form (git show 865519e^:os-images/demo-os/project.json), with fewer limits, expectations and kernel fragments. */
const OLD = JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures/old-demo-os.json'), 'utf8')) as Record<string, object>;
const { targets: WAS } = OLD['project.json'] as { targets: Record<string, Required<OldProject['targets'][string]>> };
const CONTAINERS = ['web', 'client', 'shell', 'counter'];
const OWN = 'CONFIG_SECURITY_LANDLOCK=y\n';

let tree: Tree;
let printed: string;
beforeEach(() => {
  // Of the real workspace, because the result is inferred with its base and plugins; nothing is written.
  tree = new FsTree(ROOT, false);
  for (const [path, json] of Object.entries(OLD)) tree.write(`${IMAGE}/${path}`, JSON.stringify(json));
  for (const path of ['kernel/vm.config', 'kernel/containers.config', 'busybox/container-os.config'])
    tree.write(`${IMAGE}/${path}`, readFileSync(join(ROOT, 'packages/image/bases/vm', path)));
  tree.write(`${IMAGE}/kernel/security.config`, OWN);
});

async function run(): Promise<void> {
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  const tell = await migrate(tree, { directory: 'shop' });
  await tell();
  printed = log.mock.calls.join('\n');
  log.mockRestore();
}

const files = (): string[] => tree.listChanges().flatMap(({ path }) => (path.startsWith(IMAGE) ? [path.slice(IMAGE.length + 1)] : []));
const text = (path: string): string => tree.read(`${IMAGE}/${path}`, 'utf8') ?? '';
const targets = (): ReturnType<typeof shop> => shop(text('compose.yaml'), Object.fromEntries(files().map((path) => [`${IMAGE}/${path}`, text(path)])));

/** A target of the old form gets other options. */
function change(target: string, options: object): void {
  const project = JSON.parse(text('project.json')) as OldProject;
  project.targets[target] = { ...project.targets[target], options: { ...project.targets[target]?.options, ...options } };
  tree.write(`${IMAGE}/project.json`, JSON.stringify(project));
}

function longForm(volume: string): object {
  const [source, target, mode] = volume.split(':');
  return { type: 'volume', source, target, ...(mode === 'ro' ? { read_only: true } : {}) };
}

it('each container has the root and the definition that it had', async () => {
  await run();
  const inferred = targets();
  for (const name of CONTAINERS) {
    const { $schema: _, rootfs, mem_limit, volumes, ...definition } = OLD[`containers/${name}/container.json`] as OldContainer;
    expect(mem_limit).toBe('32m');
    expect(inferred[`bundle-${name}`]?.options).toEqual({
      rootfs: rootfs.map((part) => part.replace('./', `./containers/${name}/`)),
      service: { ...definition, mem_limit: '33554432', 'x-profile': 'hardened', ...(volumes ? { volumes: volumes.map(longForm) } : {}) },
      containers: [expect.objectContaining({ container_name: name })],
    });
  }
});

it('the image is what it was, in each configuration', async () => {
  await run();
  const { system, rootfs, iso, run: machine, budget, ...inferred } = targets();
  expect(system?.options).toEqual({ ...WAS['system']?.options, hostname: undefined });
  // The layer "system" had the programs.
  const withoutPrograms = ({ layers, ...rest }: { layers?: string[] } = {}): object => ({ ...rest, layers: layers?.filter((layer) => layer !== 'programs') });
  expect(rootfs?.options.layers).toContain('programs');
  expect(withoutPrograms(rootfs?.options)).toEqual(WAS['rootfs']?.options);
  expect(withoutPrograms(rootfs?.configurations?.['seed'])).toEqual(WAS['rootfs']?.configurations['seed']);
  expect(iso?.options).toEqual(WAS['iso']?.options);
  expect(iso?.configurations).toMatchObject(WAS['iso']!.configurations);
  expect(machine?.options).toEqual(WAS['run']?.options);
  expect(budget?.options).toEqual({ ...WAS['budget']?.options, containers: CONTAINERS });
  const test = inferred['qemu-test--direct'];
  expect(test?.options).toEqual({ ...WAS['qemu-test']?.options, boot: 'direct' });
  expect(test?.configurations).toEqual(WAS['qemu-test']?.configurations);
  expect(inferred['qemu-storage']?.options).toEqual(WAS['qemu-storage']?.options);
  expect(inferred['kernel-config']?.options?.fragments).toContain('kernel/security.config');
  expect(inferred).not.toHaveProperty('busybox');
});

it('what the base has word for word is gone, what has no key stays in project.json, and the rest is named', async () => {
  change('iso', { title: 'Shop' });
  change('cni-plugins', { plugins: ['bridge', 'vlan'] });
  await run();
  expect(files().sort()).toEqual([
    'compose.yaml',
    'kernel/security.config',
    'network/10-cni0.conflist',
    'network/20-backend.conflist',
    'project.json',
    'test.yaml',
  ]);
  const project = JSON.parse(text('project.json')) as OldProject;
  expect(project.name).toBe('demo-os');
  expect(Object.keys(project.targets)).toEqual(['iso', 'qemu-mutations']);
  expect(project.targets['iso']).toEqual({ options: { title: 'Shop' } });
  expect(project.targets['qemu-mutations']?.dependsOn).toEqual(['kernel', { target: 'initramfs', projects: ['base-vm'] }, 'rootfs']);
  expect(printed).toContain('kept in os-images/shop/project.json: iso title\n');
  expect(printed).toContain('not as before: cni-plugins, a target of the base: plugins\n');
  expect(printed).toContain("not as before: kernel-config: kernel/security.config is not the base's");
  expect(printed).toContain('not as before: kernel-config: the base adds kernel/usb.config\n');
});

it('a service has the name of its container; what the base adds, and what nothing infers, is said', async () => {
  const { targets: old, ...project } = OLD['project.json'] as OldProject;
  const layers = ['busybox', 'crun', 'system', 'bundle-web'];
  const executor = '@container-os/qemu:qemu-test';
  const targets = { ...old, rootfs: { executor: '@container-os/rootfs:rootfs', options: { layers } }, slow: { executor, options: { memory: 64 } } };
  tree.write(`${IMAGE}/project.json`, JSON.stringify({ ...project, implicitDependencies: ['api'], targets }));
  tree.write(`${IMAGE}/containers/counter/container.json`, JSON.stringify({ container_name: 'tally', rootfs: ['./rootfs'], command: ['/a'] }));
  await run();
  expect(text('compose.yaml')).toContain(
    '  tally:\n    container_name: tally\n    build:\n      dockerfile_inline: |\n        FROM scratch\n        COPY containers/counter/rootfs /\n',
  );
  expect(JSON.parse(text('project.json'))).toMatchObject({ targets: { rootfs: { options: { compression: 'zstd' } }, slow: { executor } } });
  for (const what of [
    'rootfs: the base adds the layer tini',
    'rootfs: the service tally is part of it',
    'slow: the plugin infers',
    'implicitDependencies: api',
  ])
    expect(printed).toContain(`not as before: ${what}`);
});

it('silence means what it meant: runc, and no new format on the data disk', async () => {
  const { targets: old } = OLD['project.json'] as OldProject;
  const { ociRuntime: _, dataDisk: __, ...options } = old['system']!.options!;
  tree.write(`${IMAGE}/project.json`, JSON.stringify({ targets: { ...old, system: { ...old['system'], options } } }));
  await run();
  expect(targets()['system']?.options).toMatchObject({ ociRuntime: 'runc', dataDisk: 'use' });
});

it('a $ is no variable, programs on a volume and an order of networks are not lost unsaid', async () => {
  const healthcheck = { test: ['CMD', 'true'] };
  const container = {
    rootfs: ['busybox'],
    command: ['echo', '$HOME'],
    healthcheck,
    networks: ['default', 'backend', 'a'],
    volumes: ['counter:/data:ro,exec'],
  };
  tree.write(`${IMAGE}/containers/web/container.json`, JSON.stringify(container));
  await run();
  const { service } = targets()['bundle-web']!.options as { service: object };
  expect(service).toEqual({
    command: ['echo', '$HOME'],
    healthcheck,
    networks: ['default', 'backend', 'a'],
    volumes: [longForm('counter:/data:ro')],
    'x-profile': 'hardened',
  });
  expect(printed).toContain('not as before: services.web.volumes: counter:/data:ro,exec: exec');
});

it("nx.json gets the plugin, and loses the executors' defaults, which Nx would put over what is inferred", async () => {
  tree.write('nx.json', JSON.stringify({ parallel: 3, targetDefaults: { '@container-os/iso:iso': { cache: true }, build: { cache: true } } }));
  await run();
  expect(JSON.parse(tree.read('nx.json', 'utf8')!)).toEqual({
    parallel: 3,
    targetDefaults: { build: { cache: true } },
    plugins: ['@container-os/image/plugin'],
  });
});

it('a second run changes nothing and says so', async () => {
  await run();
  const before = tree.listChanges().map(({ path, content }) => [path, content?.toString()]);
  await run();
  expect(tree.listChanges().map(({ path, content }) => [path, content?.toString()])).toEqual(before);
  expect(printed).toContain('os-images/shop/compose.yaml is there: there is nothing to do');
});

it.each([
  ['a folder without an image', () => tree.delete(`${IMAGE}/project.json`), /^IMAGE_MISSING: .*\n {2}hint: {2}\S/s],
  ['a container that is not there', () => tree.delete(`${IMAGE}/containers/web/container.json`), /^FILE_MISSING: bundle-web: .*\n {2}hint: {2}\S/s],
  [
    'what Compose refuses',
    () =>
      tree.write(
        `${IMAGE}/containers/web/container.json`,
        JSON.stringify({ rootfs: ['./rootfs'], command: ['/a'], depends_on: { no: { condition: 'service_started' } } }),
      ),
    /^COMPOSE_UNDEFINED: .*compose.yaml:\d+.*\n {2}hint: {2}\S/s,
  ],
])('%s is refused', async (_, spoil, message) => {
  spoil();
  await expect(run()).rejects.toThrow(message);
});
