import type { TargetConfiguration } from '@nx/devkit';
import { describe, expect, it } from 'vitest';
import { tasksOf } from '../src/doctor/needs.ts';
import { BASE, infer, WEB } from './shop.ts';

const LOCK_FILE = 'node_modules/@container-os/prebuilt-vm-amd64/prebuilt.lock.json';
const NAMES = 'kernel-config kernel busybox crun runc tini e2fsprogs cni-plugins seccomp-profile cosctl programs early-init initramfs'.split(' ');
const entry = (name: string): object => ({
  recipe: 'a'.repeat(64),
  manifest: { name, version: '1', licence: 'MIT', sources: [], toolchain: { gcc: 'gcc 12' } },
  files: [{ name: 'layer.cpio', size: 1, sha256: 'b'.repeat(64) }],
});
const LOCK = { platform: 'vm-amd64', version: '1.0.0', artifacts: Object.fromEntries(NAMES.map((name) => [name, entry(name)])) };
const FILES = { [LOCK_FILE]: JSON.stringify(LOCK) };

type Targets = Record<string, TargetConfiguration>;
function targets(xOs: string, sources: 'prebuilt' | 'source' = 'prebuilt', files: Record<string, string> = FILES): { base: Targets; image: Targets } {
  const projects = infer(`${WEB}x-os: ${xOs}\n`, files, { sources });
  return { base: projects[BASE]!.targets!, image: projects['os-images/shop']!.targets! };
}
const ofBase = (target: string): object => ({ target, projects: ['base-vm'] });

describe('where a workspace takes the base prebuilt', () => {
  it("a target of the base takes its entry of the lock file, and makes the artifact where the compiler's would be", () => {
    const { kernel } = targets('{}').base;
    const compiled = targets('{}', 'source').base['kernel'];
    expect(kernel).toMatchObject({
      executor: '@container-os/prebuilt:prebuilt',
      cache: true,
      options: { package: '@container-os/prebuilt-vm-amd64', ...entry('kernel') },
    });
    expect(kernel!.dependsOn).toBeUndefined();
    expect(kernel!.outputs).toEqual(compiled!.outputs);
    expect(compiled!.executor).toBe('@container-os/kernel:kernel');
  });

  it("an image's targets are the same either way", () => {
    const { 'verify-prebuilt': verify, ...image } = targets('{}').image;
    expect(image).toEqual(targets('{}', 'source').image);
    expect(verify!.executor).toBe('@container-os/prebuilt:verify-prebuilt');
  });

  it('it can compile each at another place, which reads what was compiled', () => {
    const { base } = targets('{}');
    expect(base['source-kernel']).toMatchObject({
      executor: '@container-os/kernel:kernel',
      dependsOn: ['sources', 'source-kernel-config'],
      outputs: ['{workspaceRoot}/dist/container-os/base/vm/source/kernel'],
    });
    expect(base['source-initramfs']!.dependsOn).toEqual(['source-early-init']);
    expect(base['prebuild']!.dependsOn).toEqual(NAMES.map((name) => `source-${name}`));
    expect(base['kernel-hardening']!.dependsOn).toEqual(['sources', 'kernel-config']);
  });

  it('the doctor asks for the tools of no target that compiles', () => {
    const { base, image } = targets('{}');
    const tasks = tasksOf('shop', { shop: { root: 'os-images/shop', targets: image }, 'base-vm': { root: BASE, targets: base } });
    expect(tasks).toContainEqual({ project: 'base-vm', target: 'kernel' });
    expect(tasks.filter(({ target }) => target.startsWith('source'))).toEqual([]);
  });

  it('verify-prebuilt of an image compiles and compares what the image takes prebuilt, and no more', () => {
    const { options, dependsOn } = targets('{}').image['verify-prebuilt']!;
    expect((options as { artifacts: string[] }).artifacts).toEqual(NAMES.filter((name) => !['kernel-config', 'early-init'].includes(name)));
    expect(dependsOn).toContainEqual(ofBase('source-kernel'));
    const { options: own } = targets('{ kernel: { fragments: [own.config] } }').image['verify-prebuilt']!;
    expect((own as { artifacts: string[] }).artifacts).not.toContain('kernel');
  });

  it('a fragment makes exactly its configuration, kernel and report from source, of the image', () => {
    const { image } = targets('{ kernel: { fragments: [own.config] } }');
    expect(Object.values(image).filter(({ executor }) => executor?.startsWith('@container-os/kernel:'))).toHaveLength(3);
    expect(image['kernel']!.dependsOn).toEqual([ofBase('sources'), 'kernel-config']);
    expect(image['iso']!.dependsOn).toEqual(['kernel', ofBase('initramfs'), 'rootfs']);
    expect(image['rootfs']!.dependsOn).toContainEqual(ofBase('busybox'));
  });

  it('no target of an image reads sources', () => {
    const { image } = targets('{}');
    expect(Object.values(image).flatMap(({ dependsOn = [] }) => dependsOn)).not.toContainEqual(ofBase('sources'));
  });

  it('a configuration that changes an artifact, or what it is made of, is refused by its target', () => {
    const { base } = targets('{}');
    expect(base['kernel']!.configurations).toEqual(Object.fromEntries(['pc', 'seed', 'seed-6.6.0', 'upstream'].map((name) => [name, { configuration: name }])));
    expect(Object.keys(base['initramfs']!.configurations!)).toEqual(['seed', 'seed-6.6.0', 'upstream']);
    expect(base['programs']!.configurations).toBeUndefined();
  });

  it('"sources: source" of an image takes what the base compiles', () => {
    const { image, base } = targets('{ sources: source }');
    expect(image['iso']!.dependsOn).toEqual([ofBase('source-kernel'), ofBase('source-initramfs'), 'rootfs']);
    expect(image['bundle-web']!.dependsOn).toEqual([ofBase('source-seccomp-profile'), ofBase('source-busybox')]);
    expect(image).not.toHaveProperty('verify-prebuilt');
    // All images have one base, whatever they want.
    expect(base).toEqual(targets('{}').base);
  });
});

it('"sources: prebuilt" of an image, in a workspace that compiles, adds targets to the base and changes none', () => {
  const { image, base } = targets('{ sources: prebuilt }', 'source');
  expect(image['iso']!.dependsOn).toEqual([ofBase('prebuilt-kernel'), ofBase('prebuilt-initramfs'), 'rootfs']);
  expect(base['prebuilt-kernel']!.outputs).toEqual(['{workspaceRoot}/dist/container-os/base/vm/prebuilt/kernel']);
  expect(base).toMatchObject(targets('{}', 'source').base);
  expect(image['verify-prebuilt']!.dependsOn).toContainEqual(ofBase('kernel'));
});

it('without a lock file the graph is there all the same, and its targets have no files', () => {
  const { base, image } = targets('{}', 'prebuilt', {});
  expect(base['kernel']!.options).toEqual({ package: '@container-os/prebuilt-vm-amd64' });
  expect(image['verify-prebuilt']!.options).toEqual({ artifacts: [], locked: {} });
});

it("a lock file of the workspace takes the place of the package's", () => {
  const own = { ...LOCK, origin: 'https://example.org/prebuilt' };
  const projects = infer(`${WEB}x-os: {}\n`, { 'locks/own.json': JSON.stringify(own) }, { sources: 'prebuilt', prebuiltLock: 'locks/own.json' });
  expect(projects[BASE]!.targets!['kernel']!.options).toMatchObject({ origin: 'https://example.org/prebuilt' });
});

describe('a lock file from a URL', () => {
  const from = { sources: 'prebuilt', prebuiltUrl: 'https://example.org/lock.json', prebuiltKey: 'c'.repeat(64) } as const;

  it('lies in the workspace, where its target brings it: the graph has what is there, and fetches nothing', () => {
    const other = { ...LOCK, origin: 'https://example.org/prebuilt' };
    const { kernel, 'update-prebuilt': update } = infer(`${WEB}x-os: {}\n`, { ...FILES, 'prebuilt.lock.json': JSON.stringify(other) }, from)[BASE]!.targets!;
    expect(kernel!.options).toMatchObject({ origin: 'https://example.org/prebuilt' });
    expect(update).toMatchObject({
      executor: '@container-os/prebuilt:update-prebuilt',
      options: { platform: 'vm-amd64', lock: 'prebuilt.lock.json', url: from.prebuiltUrl, key: from.prebuiltKey },
    });
    expect(update!.cache).toBeUndefined();
  });

  it('may have another name', () => {
    const { 'update-prebuilt': update } = infer(`${WEB}x-os: {}\n`, FILES, { ...from, prebuiltLock: 'locks/own.json' })[BASE]!.targets!;
    expect(update!.options).toMatchObject({ lock: 'locks/own.json' });
  });

  it('before it is there, no artifact has files: those of the installed package are not taken for it', () => {
    expect(infer(`${WEB}x-os: {}\n`, FILES, from)[BASE]!.targets!['kernel']!.options).toEqual({ package: '@container-os/prebuilt-vm-amd64' });
  });
});

it('a damaged lock file is told with its path', () => {
  expect(() => targets('{}', 'prebuilt', { [LOCK_FILE]: '{}' })).toThrow(
    /LOCK_INVALID: node_modules\/.*prebuilt\.lock\.json: platform is undefined, expected "vm-amd64"/,
  );
});
