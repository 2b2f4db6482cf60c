import { describe, expect, it } from 'vitest';
import { infer, inferred } from './shop.ts';

/** A Compose file with services of layers, a line each. */
function compose(services: Record<string, string>, more = ''): string {
  const lines = Object.entries(services).map(([name, keys]) => `  ${name}: { x-os: { rootfs: [busybox] }, command: [a], image: i${keys && `, ${keys}`} }\n`);
  return `services:\n${lines.join('')}${more}x-os: {}\n`;
}

const healthy = 'depends_on: { db: { condition: service_healthy } }';

describe('a fault in the keys of one service', () => {
  it.each<[string, string, string, string]>([
    ['a key that is misspelt', compose({ web: 'comand: [a]' }), '2:63: services.web.comand: Compose has no such key', 'Write "command".'],
    ['one of a health check', compose({ web: 'healthcheck: { tets: a }' }), '2:78: services.web.healthcheck.tets', 'Write "test".'],
    ['one of the file', compose({ web: '' }, 'volums: {}\n'), '3:1: volums: Compose has no such key', 'Write "volumes".'],
    [
      'a service without an image',
      'services:\n  web: { command: [a] }\nx-os: {}\n',
      '2:8: services.web: neither "image" nor "build"',
      'Add "image" or "build".',
    ],
    ['a volume that is not declared', compose({ web: 'volumes: ["dta:/d"]' }, 'volumes: { data: }\n'), 'the volume "dta" is not defined', 'there is data.'],
    ['a network that is not declared', compose({ web: 'networks: [fornt]' }, 'networks: { front: }\n'), 'the network "fornt"', 'there is front.'],
    [
      'a name that no container has',
      compose({ web: 'container_name: my shop' }),
      '2:79: services.web.container_name: the container is called "my shop"',
      'Rename',
    ],
    ['a name that is too long', compose({ [`a${'b'.repeat(130)}`]: '' }), 'expected at most 128 characters, got 138', 'Rename'],
    ['a name of a file of a control group', compose({ web: 'container_name: cpu.stat' }), 'no file of a control group', 'Rename'],
    ['a port for two containers', compose({ web: 'scale: 2, ports: ["80:80"]' }), '2:81: services.web.ports: the service has 2 containers', '"8080-8081:80"'],
    [
      'too short a range for three',
      compose({ web: 'scale: 3, ports: ["8000-8001:80"]' }),
      'the service has 3 containers, and 8000-8001/tcp is 2 ports of the OS',
      '"8080-8082:80"',
    ],
    ['one name for two containers', compose({ web: 'container_name: shop, scale: 2' }), '2 containers cannot have one name', 'Delete "container_name".'],
    ['an extended service that is not there', compose({ web: 'extends: { service: bse }', base: '' }), 'extends "bse"', 'has web, base.'],
    ['a provider', compose({ web: 'provider: { type: cloud }' }), '2:63: services.web.provider cannot be done', 'Write a service.'],
    ['a model', compose({ web: 'models: [m]' }, 'models: { m: { model: ai/x } }\n'), 'services.web.models cannot be done', 'runs the model.'],
  ])('is told with its place: %s', (_, text, message, hint) => {
    expect(() => infer(text)).toThrow(new RegExp(`^[A-Z_]+: os-images/shop/compose\\.yaml:\\d+:\\d+: [^]*\n {2}hint: {2}[^]*${escaped(hint)}`));
    expect(() => infer(text)).toThrow(message);
  });
});

describe('what only all services together show is told with its place:', () => {
  it.each<[string, string, string, string]>([
    [
      'a port twice',
      compose({ web: 'ports: ["8080:80"]', api: 'ports: ["8080:90"]' }),
      '3:71: services.api.ports: 8080/tcp of the OS is published by services.web already, at os-images/shop/compose.yaml:2:71',
      'Publish one of them at another port',
    ],
    [
      'a port twice in one service',
      compose({ web: 'ports: ["8080:80", "8080:90"]' }),
      '8080/tcp of the OS is published by services.web already',
      'another port',
    ],
    ['a port of one address and of all', compose({ web: 'ports: ["80:80"]', api: 'ports: ["127.0.0.1:80:90"]' }), '80/tcp', 'another port'],
    [
      'a port of an address twice',
      compose({ web: 'ports: ["127.0.0.1:80:80"]', api: 'ports: ["127.0.0.1:80:90"]' }),
      '80/tcp',
      'an address of the OS of its own',
    ],
    ['a range that is all taken', compose({ web: 'ports: ["80-81:80"]', api: 'ports: ["80:1", "81:1"]' }), '80-81/tcp', 'another port'],
    [
      'a name that the project gives to another container',
      compose({ web: 'container_name: shop-api-1', api: '' }),
      '3:8: services.api: a container of the service "web" is called "shop-api-1" too',
      'Choose another "container_name".',
    ],
    [
      'one name for two services',
      compose({ web: 'container_name: one', api: 'container_name: one' }),
      '"one" is the name of the service "web"',
      'another name',
    ],
    [
      'a health that nobody checks',
      compose({ db: '', web: healthy }),
      '3:81: services.web.depends_on.db: the service waits until db is healthy, and db has no health check',
      '"condition: service_started"',
    ],
    ['a health whose check is off', compose({ db: 'healthcheck: { disable: true }', web: healthy }), 'db has no health check', 'healthcheck'],
    [
      'a health whose check is off, whatever the OCI image has',
      compose({ web: healthy }, '  db: { image: i, healthcheck: { disable: true } }\n'),
      'db has no health check',
      'healthcheck',
    ],
    ['services that wait for each other', compose({ a: 'depends_on: [b]', b: 'depends_on: [a]' }), 'wait for each other: a → b → a', 'Delete one'],
    ['a service that is not there', compose({ web: 'depends_on: [dbb]', db: '' }), 'services.web.depends_on.dbb: there is no such service', 'Correct'],
    ['a service that is off', compose({ web: 'depends_on: [db]', db: 'profiles: [p]' }), 'the service is off; it has the profiles p', 'COMPOSE_PROFILES'],
  ])('%s', (_, text, message, hint) => {
    expect(() => infer(text)).toThrow(new RegExp(`^[A-Z_]+: os-images/shop/compose\\.yaml:\\d+:\\d+: [^]*\n {2}hint: {2}[^]*${escaped(hint)}`));
    expect(() => infer(text)).toThrow(message);
  });

  it('of one port, neither two protocols, nor two addresses, nor the network of the OS', () => {
    expect(() => infer(compose({ web: 'ports: ["53:53", "53:53/udp"]', api: 'network_mode: host' }))).not.toThrow();
    expect(() => infer(compose({ web: 'ports: ["127.0.0.1:53:53", "127.0.0.2:53:53"]' }))).not.toThrow();
  });

  it('that a health check may be in the OCI image, where its bundle shows it', () => {
    expect(() => infer(compose({ web: healthy }, '  db: { image: i }\n'))).not.toThrow();
    expect(() => infer(compose({ db: 'scale: 0', web: healthy }))).not.toThrow();
  });

  it.each(['restart: always', 'restart: unless-stopped', 'x-os: { rootfs: [busybox], profile: hardened }'])(
    'a wait for the end of what starts again, as a warning: %s',
    (keys) => {
      const own = keys.startsWith('x-os') ? `services:\n  db: { image: i, command: [a], ${keys} }\n` : compose({ db: keys }).replace('x-os: {}\n', '');
      const web =
        '  web: { image: i, x-os: { rootfs: [busybox] }, command: [a], depends_on: { db: { condition: service_completed_successfully } } }\nx-os: {}\n';
      expect(inferred(own + web).warnings).toEqual([
        'os-images/shop/compose.yaml:3:81: services.web.depends_on.db: db starts again whenever it ends, so that it never completes; write "restart: on-failure" in services.db',
      ]);
      expect(
        inferred((own + web).replace(/restart: [a-z-]+|, profile: hardened/, (key) => (key.startsWith(',') ? '' : 'restart: on-failure'))).warnings,
      ).toEqual([]);
    },
  );
});

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
