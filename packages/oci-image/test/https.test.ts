import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** A machine with loopback alone, where these names lead to it. */
const NAMES = 'registry.example blobs.example tokens.example';
const NAMESPACES = ['--map-root-user', '--net', '--mount'];

describe.skipIf(spawnSync('unshare', [...NAMESPACES, 'true']).status !== 0)('a registry that is not on this machine', () => {
  let directory = '';
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'https-'));
    const subject = [
      '-subj',
      '/CN=test',
      '-addext',
      `subjectAltName=${NAMES.split(' ')
        .map((name) => `DNS:${name}`)
        .join(',')}`,
    ];
    const files = ['-keyout', join(directory, 'key.pem'), '-out', join(directory, 'certificate.pem')];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', ...subject, ...files], {
      stdio: 'pipe',
    });
    writeFileSync(join(directory, 'hosts'), `127.0.0.1 localhost ${NAMES}\n`);
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  function pull(environment: Record<string, string>): unknown {
    rmSync(join(directory, 'docker'), { recursive: true, force: true });
    const script = join(import.meta.dirname, 'fixtures/https-pull.ts');
    const node = [process.execPath, '--import', '@swc-node/register/esm-register', script, directory];
    const inside = ['sh', '-c', 'ip link set lo up && mount --bind "$0/hosts" /etc/hosts && exec "$@"', directory, ...node];
    const env = {
      PATH: process.env['PATH'],
      HOME: directory,
      DOCKER_CONFIG: join(directory, 'docker'),
      CONTAINER_OS_CACHE: mkdtempSync(join(directory, 'cache-')),
      ...environment,
    };
    return JSON.parse(execFileSync('unshare', [...NAMESPACES, ...inside], { env, encoding: 'utf8' }));
  }

  it('is asked by https; the credential goes to the token service alone, the token to the registry alone', () => {
    expect(pull({ NODE_EXTRA_CA_CERTS: join(directory, 'certificate.pem') })).toEqual({
      registry: [null, 'Bearer a-token'],
      tokens: [`Basic ${Buffer.from('me:s3cret').toString('base64')}`],
      blobs: [null],
    });
  });

  it('with a certificate that nobody vouches for is refused, with the way out', () => {
    expect(pull({})).toMatchObject({ fault: expect.stringMatching(/certificate/) as string, hint: expect.stringContaining('NODE_EXTRA_CA_CERTS') as string });
  });
});
