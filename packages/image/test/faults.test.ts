import { describe, expect, it } from 'vitest';
import { infer, WEB } from './shop.ts';

describe('a fault', () => {
  it.each<[string, string, Record<string, string>, string]>([
    [
      'an unknown key of x-os',
      `${WEB}x-os:\n  hostnam: a\n`,
      {},
      'X_OS_INVALID: os-images/shop/compose.yaml:4:12: x-os.hostnam: unknown key, expected one of base, ',
    ],
    ['a value of another type', `${WEB}x-os:\n  disk: big\n`, {}, 'X_OS_INVALID: os-images/shop/compose.yaml:4:9: x-os.disk: expected integer, got "big"'],
    ['a key of a configuration', `${WEB}x-os: { configurations: { pc: { dsk: 1 } } }\n`, {}, 'x-os.configurations.pc.dsk: unknown key'],
    [
      'an image to be built',
      'services: { web: { build: ., image: shop } }\nx-os: {}\n',
      {},
      'BUILD_UNSUPPORTED: os-images/shop/compose.yaml:1:27: services.web.build: the OS builds an OCI image only where the service says how',
    ],
    [
      'a key of build that the OS does not follow',
      'services: { web: { build: { context: ., ssh: [default] }, x-os: { build: buildah } } }\nx-os: {}\n',
      {},
      'BUILD_UNSUPPORTED: os-images/shop/compose.yaml:1:46: services.web.build.ssh: the OS does not follow the key',
    ],
    [
      'a context beyond the workspace',
      'services: { web: { build: "https://example.com/a.git", x-os: { build: buildah } } }\nx-os: {}\n',
      {},
      'services.web.build.context: https://example.com/a.git is not in the workspace',
    ],
    [
      'a build without something to build',
      'services: { web: { image: i, x-os: { build: buildah } } }\nx-os: {}\n',
      {},
      'BUILD_UNSUPPORTED: os-images/shop/compose.yaml:1:18: services.web.build: x-os.build is set',
    ],
    [
      'two roots',
      'services: { web: { image: i, x-os: { rootfs: [b], image: "oci:./i" } } }\nx-os: {}\n',
      {},
      'X_OS_INVALID: os-images/shop/compose.yaml:1:58: services.web.x-os.image: expected no such key together with rootfs',
    ],
    [
      'a local image that is no path',
      'services: { web: { image: i, x-os: { image: "oci:i" } } }\nx-os: {}\n',
      {},
      'expected a path that begins with ./ or ../',
    ],
    ['a base that is none', `${WEB}x-os: { base: pi }\n`, {}, 'BASE_MISSING: os-images/shop/compose.yaml:3:15: x-os.base: there is no base "pi"'],
    [
      'ways to boot that are no list',
      `${WEB}x-os:\n  test: { boots: direct }\n`,
      {},
      'X_OS_INVALID: os-images/shop/compose.yaml:4:9: x-os.test.boots: expected a list',
    ],
    ['options that are not there', `${WEB}x-os: { test: t.yaml }\n`, {}, 't.yaml: no such file'],
    ['options that are none', `${WEB}x-os: { test: t.yaml }\n`, { 'os-images/shop/t.yaml': '[1]' }, 'FILE_INVALID'],
    ['what Compose refuses', 'services: { web: { imag: a } }\nx-os: {}\n', {}, ': os-images/shop/compose.yaml:1:20: services.web.imag'],
    ['an artifact of no plugin', `${WEB}x-os: { artifacts: { a: { executor: '@acme/a:a' } } }\n`, {}, '@acme/a'],
  ])('%s is told with its place', (_, compose, files, message) => {
    expect(() => infer(compose, files)).toThrow(message);
    expect(() => infer(compose, files)).toThrow(/\n {2}hint: {2}\S/);
  });

  it('names every key that the OS cannot do, and what to write', () => {
    const compose = 'services:\n  web:\n    image: i\n    x-os: { rootfs: [busybox] }\n    command: [a]\n    gpus: all\n    isolation: hyperv\nx-os: {}\n';
    expect(() => infer(compose)).toThrow(
      /COMPOSE_KEY_UNSUPPORTED: os-images\/shop\/compose.yaml:6:5: services.web.gpus .*\n.*os-images\/shop\/compose.yaml:7:5: services.web.isolation /,
    );
  });
});
