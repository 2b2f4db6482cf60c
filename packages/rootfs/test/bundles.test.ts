import { fileEntry, type Entry } from '@container-os/cpio';
import { describe, expect, it } from 'vitest';
import { requireBundlesFit } from '../src/bundles.ts';

const bundle = (name: string, definition: object, firstId = 65_536 * name.length): Entry[] => [
  fileEntry(`containers/${name}/config.json`, JSON.stringify({ linux: { uidMappings: [{ containerID: 0, hostID: firstId, size: 65_536 }] } })),
  fileEntry(`containers/${name}/definition.json`, JSON.stringify(definition)),
];

describe('two bundles', () => {
  it.each<[string, Entry[], string]>([
    ['the same ids', [...bundle('a', {}, 65_536), ...bundle('b', {}, 131_071)], 'IDS_TAKEN: the containers a and b both have the user 131071 of the OS'],
    [
      'the same port',
      [...bundle('a', { ports: ['80:80', '127.0.0.1:8080:80'] }), ...bundle('bb', { ports: ['8080:90'] })],
      'PORT_TAKEN: the containers a and bb both publish port 8080/tcp of the OS',
    ],
    [
      'a container that is not there',
      bundle('a', { depends_on: { db: { condition: 'service_started' } } }),
      'DEPENDENCY_MISSING: the container a waits for db, which the image does not have',
    ],
    [
      'a health that nobody checks',
      [...bundle('a', { depends_on: { db: { condition: 'service_healthy' } } }), ...bundle('db', {})],
      'HEALTH_CHECK_MISSING: the container a waits until db is healthy',
    ],
  ])('with %s are refused, and both are named', (_, root, message) => {
    expect(() => requireBundlesFit(root)).toThrow(expect.objectContaining({ code: message.split(':')[0], hint: expect.stringMatching(/\.$/) }));
    expect(() => requireBundlesFit(root)).toThrow(message.slice(message.indexOf(' ') + 1));
  });

  it('that fit are taken', () => {
    const root = [
      ...bundle('a', {
        ports: ['80:80', '53:53/udp'],
        depends_on: { db: { condition: 'service_healthy' }, gone: { condition: 'service_started', required: false } },
      }),
      ...bundle('db', { ports: ['53:53'], healthcheck: { test: ['CMD', 'a'] } }),
      ...bundle('own', { ports: ['80:80'], network_mode: 'host' }),
      fileEntry('containers/other/config.json', '{}'),
    ];
    expect(() => requireBundlesFit(root)).not.toThrow();
  });
});
