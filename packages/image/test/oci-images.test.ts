import { expect, it, vi } from 'vitest';
import { shop, WEB } from './shop.ts';

it('takes OCI images: a receipt each, of which a bundle reads its own', () => {
  vi.stubEnv('CI', '');
  const targets = shop(
    'services:\n  web: { image: "nginx:1.27" }\n  db: { image: db, build: ., x-os: { image: "oci:./images/db:1" } }\n  own: { image: own, x-os: { rootfs: [busybox] }, command: [a] }\nx-os: {}\n',
  );
  const images = { web: 'nginx:1.27', db: 'oci:./images/db:1' };
  expect(targets['oci-images']).toMatchObject({
    executor: '@container-os/oci-image:oci-images',
    options: { images, local: ['./images/db'] },
    outputs: ['{workspaceRoot}/dist/os-images/shop/oci-images'],
  });
  expect(targets['oci-images']!.inputs).toContain('{projectRoot}/images/db/**/*');
  expect(targets['update-sources']).toMatchObject({ executor: '@container-os/oci-image:update-images', options: { images } });
  expect(targets['bundle-web']!.options).toMatchObject({ image: 'web', service: {} });
  expect(targets['bundle-web']!.dependsOn).toContain('oci-images');
  expect(targets['bundle-web']!.inputs).toContainEqual({ dependentTasksOutputFiles: '**/oci-images/web.json' });
  expect(targets['bundle-own']!.dependsOn).not.toContain('oci-images');
  expect(Object.keys(shop(`${WEB}x-os: {}\n`))).not.toContain('oci-images');
  vi.unstubAllEnvs();
});

it('takes the limits of images from x-os, for those alone that have one', () => {
  const services = 'web: { image: i }, own: { image: own, x-os: { rootfs: [busybox] }, command: [a] }';
  const targets = shop(`services: { ${services} }\nx-os: { ociImages: { maxBytes: 40000000000, maxEntries: 3 } }\n`);
  expect(targets['oci-images']!.options).toMatchObject({ maxBytes: 40e9 });
  expect(targets['bundle-web']!.options).toMatchObject({ maxBytes: 40e9, maxEntries: 3 });
  expect(targets['bundle-own']!.options).not.toHaveProperty('maxEntries');
});

it('refuses what names no image, with its place, before anything is pulled', () => {
  expect(() => shop('services: { web: { image: "nginx:1:2" } }\nx-os: {}\n')).toThrow(
    /IMAGE_REFERENCE_INVALID: os-images\/shop\/compose\.yaml:1:27: services\.web\.image: image "nginx:1:2": [^]*hint: /,
  );
});

it('wants every tag locked where CI is set', () => {
  const frozen = (ci: string): unknown => {
    vi.stubEnv('CI', ci);
    const { options } = shop('services: { web: { image: i } }\nx-os: {}\n')['oci-images']!;
    vi.unstubAllEnvs();
    return (options as { frozen?: boolean }).frozen;
  };
  expect(['true', '1', 'false', ''].map(frozen)).toEqual([true, true, undefined, undefined]);
});

it.each<[string, object]>([
  ['command: ""', { command: [] }],
  ['entrypoint: "", command: []', { entrypoint: [], command: [] }],
  ['entrypoint: [], command: null', { entrypoint: [] }],
  ['entrypoint: null', {}],
  ['entrypoint: [""], command: a b', { entrypoint: [''], command: ['a', 'b'] }],
  ['user: app:staff, group_add: [5, audio]', { user: 'app:staff', group_add: ['5', 'audio'] }],
  ['healthcheck: { interval: 1m30s, start_interval: 2s }', { healthcheck: { interval: '1m30s', start_interval: '2s' } }],
  ['healthcheck: { disable: true }', { healthcheck: { test: ['NONE'] } }],
  ['healthcheck: { test: NONE }', { healthcheck: { test: ['CMD-SHELL', 'NONE'] } }],
  ['healthcheck: { test: [NONE] }', { healthcheck: { test: ['NONE'] } }],
  ['stop_signal: rtmin+3', { stop_signal: '37' }],
])('with an OCI image says no more than the file: %s', (keys, service) => {
  expect(shop(`services: { web: { image: i, container_name: web, ${keys} } }\nx-os: {}\n`)['bundle-web']!.options.service).toEqual(service);
});

it('builds an image where x-os says so: after the build of a project that is the context, with its images in the lock file', () => {
  const targets = shop(
    'services:\n  web: { build: { context: ../../apps/web, args: { V: 20 }, target: run }, x-os: { build: buildah }, command: [a] }\nx-os: {}\n',
    { 'apps/web/Dockerfile': 'ARG V\nFROM node:$V AS build\nFROM scratch AS run\nCOPY --from=build / /\n' },
  );
  expect(targets['build-web']).toMatchObject({
    executor: '@container-os/oci-image:oci-build',
    options: { context: '../../apps/web', dockerfile: 'Dockerfile', args: { V: '20' }, target: 'run' },
    dependsOn: ['^build'],
    outputs: ['{workspaceRoot}/dist/os-images/shop/build-web'],
  });
  expect(targets['build-web']!.inputs).toContain('{workspaceRoot}/apps/web/**/*');
  expect(targets['update-sources']!.options).toEqual({ images: { 'web FROM node:20': 'node:20' } });
  expect(targets['bundle-web']!.options).toMatchObject({ build: 'build-web', service: { command: ['a'] } });
  expect(targets['bundle-web']!.inputs).toContainEqual({ dependentTasksOutputFiles: '**/build-web/image.json' });
  expect(Object.keys(targets)).not.toContain('oci-images');
});
