import { firstId } from '@container-os/oci-bundle/id-range';
import { describe, expect, it, vi } from 'vitest';
import { shop } from './shop.ts';

/** A service of layers, with further keys. */
const service = (keys = ''): string => `{ image: i, x-os: { rootfs: [busybox] }, command: [a]${keys && `, ${keys}`} }`;
const image = (services: Record<string, string>, more = ''): string =>
  `services:\n${Object.entries(services)
    .map(([name, keys]) => `  ${name}: ${service(keys)}\n`)
    .join('')}${more}x-os: {}\n`;

interface Own {
  container_name: string;
  labels: Record<string, string>;
  ports?: string[];
  'x-first-id'?: number;
}

const containersOf = (targets: ReturnType<typeof shop>, name: string): Own[] => targets[`bundle-${name}`]!.options.containers as Own[];
const namesOf = (targets: ReturnType<typeof shop>, name: string): string[] => containersOf(targets, name).map(({ container_name: one }) => one);

describe('a container', () => {
  it('is called by its project, its service and its number, or as the service says', () => {
    const targets = shop(image({ web: '', Api_2: '', 'data.base': 'container_name: Data_Base.x' }));
    expect(['web', 'Api_2', 'data.base'].flatMap((name) => namesOf(targets, name))).toEqual(['shop-web-1', 'shop-Api_2-1', 'Data_Base.x']);
    expect(namesOf(shop(`name: my_shop\n${image({ web: '' })}`), 'web')).toEqual(['my_shop-web-1']);
    expect(targets['qemu-machines']!.options.containers).toEqual(['shop-web-1', 'shop-Api_2-1', 'Data_Base.x']);
  });

  it('has the labels that Compose gives it, and those of the service', () => {
    const targets = shop(image({ web: 'labels: [a=b, c], annotations: { d: e }' }));
    expect(targets['bundle-web']!.options.service).toMatchObject({ labels: { a: 'b', c: '' }, annotations: { d: 'e' } });
    expect(containersOf(targets, 'web')[0]!.labels).toEqual({
      'com.docker.compose.project': 'shop',
      'com.docker.compose.service': 'web',
      'com.docker.compose.container-number': '1',
      'com.docker.compose.oneoff': 'False',
    });
  });

  it('is one of several where the service says how many; none at 0', () => {
    const targets = shop(image({ web: 'scale: 3', api: 'deploy: { replicas: 2 }', off: 'scale: 0', db: 'depends_on: [web, off]' }));
    expect(namesOf(targets, 'web')).toEqual(['shop-web-1', 'shop-web-2', 'shop-web-3']);
    expect(containersOf(targets, 'web')[2]!.labels['com.docker.compose.container-number']).toBe('3');
    expect(namesOf(targets, 'api')).toEqual(['shop-api-1', 'shop-api-2']);
    expect(targets).not.toHaveProperty('bundle-off');
    expect(targets['rootfs']!.options.layers).not.toContain('bundle-off');
    expect(Object.keys((targets['bundle-db']!.options.service as { depends_on: object }).depends_on)).toEqual(['shop-web-1', 'shop-web-2', 'shop-web-3']);
  });

  it('whose name comes to the ids of another gets the next ones that are free', () => {
    expect(firstId('c174')).toBe(firstId('c200'));
    const targets = shop(image({ a: 'container_name: c200', b: 'container_name: c174' }));
    expect(['a', 'b'].map((name) => containersOf(targets, name)[0]!['x-first-id'])).toEqual([firstId('c174') + 65_536, undefined]);
  });

  it("is named by its service in the image's console", () => {
    expect(shop(image({ web: '' }).replace('x-os: {}', 'x-os: { console: { container: web } }'))['system']!.options.consoleContainer).toBe('shop-web-1');
  });
});

describe('a published port', () => {
  it('is that of the file, one of its range, or else the first that is free from that of the container on', () => {
    const targets = shop(image({ a: 'ports: ["8080:80", "8000-8002:81"]', b: 'ports: ["8000:90", "80"]', c: 'ports: ["80", "127.0.0.1:8001:7"]' }));
    const ports = (name: string): unknown => (targets[`bundle-${name}`]!.options.service as { ports: string[] }).ports;
    expect(ports('a')).toEqual(['8080:80', '8002:81']);
    expect(ports('b')).toEqual(['8000:90', '80:80']);
    expect(ports('c')).toEqual(['49152:80', '127.0.0.1:8001:7']);
  });

  it('is another one for each of several containers', () => {
    const targets = shop(image({ a: 'scale: 2, ports: ["8080-8089:80", "9000"]' }));
    expect(targets['bundle-a']!.options.service).not.toHaveProperty('ports');
    expect(containersOf(targets, 'a').map(({ ports }) => ports)).toEqual([
      ['8080:80', '9000:9000'],
      ['8081:80', '49152:9000'],
    ]);
  });
});

it('a service with profiles is in the image where the environment of the file turns one on', () => {
  const text = image({ web: '', debug: 'profiles: [debug]' });
  const bundles = (files: Record<string, string>): string[] => Object.keys(shop(text, files)).filter((name) => name.startsWith('bundle-'));
  expect(bundles({})).toEqual(['bundle-web']);
  expect(bundles({ 'os-images/shop/.env': 'COMPOSE_PROFILES=other,debug\n' })).toEqual(['bundle-web', 'bundle-debug']);
  vi.stubEnv('COMPOSE_PROFILES', 'debug');
  expect(bundles({})).toEqual(['bundle-web']);
  expect(Object.keys(shop(text.replace('x-os: {}', 'x-os: { environment: [COMPOSE_PROFILES] }')))).toContain('bundle-debug');
  vi.unstubAllEnvs();
});
