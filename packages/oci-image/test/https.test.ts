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
    certify('registry', NAMES);
    certify('other', 'other.example');
    writeFileSync(join(directory, 'hosts'), `127.0.0.1 localhost ${NAMES}\n`);
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  /** NAME.key and NAME.pem: a certificate for `hosts`, which is its own authority. */
  function certify(name: string, hosts: string): void {
    const names = hosts.split(' ').map((host) => `DNS:${host}`);
    const files = ['-keyout', join(directory, `${name}.key`), '-out', join(directory, `${name}.pem`)];
    const subject = ['-subj', '/CN=test', '-addext', `subjectAltName=${names.join(',')}`];
    const argv = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', ...subject, ...files];
    execFileSync('openssl', argv, { stdio: 'pipe' });
  }

  /** `served` is the certificate of the registry, `trusted` that of the authority that NODE_EXTRA_CA_CERTS names. */
  function pull({ served = 'registry', trusted }: { served?: string; trusted?: string }): unknown {
    rmSync(join(directory, 'docker'), { recursive: true, force: true });
    const script = join(import.meta.dirname, 'fixtures/https-pull.ts');
    const node = [process.execPath, '--import', '@swc-node/register/esm-register', script, directory, served];
    const inside = ['sh', '-c', 'ip link set lo up && mount --bind "$0/hosts" /etc/hosts && exec "$@"', directory, ...node];
    const env = {
      PATH: process.env['PATH'],
      HOME: directory,
      DOCKER_CONFIG: join(directory, 'docker'),
      CONTAINER_OS_CACHE: mkdtempSync(join(directory, 'cache-')),
      ...(trusted === undefined ? {} : { NODE_EXTRA_CA_CERTS: join(directory, `${trusted}.pem`) }),
    };
    return JSON.parse(execFileSync('unshare', [...NAMESPACES, ...inside], { env, encoding: 'utf8' }));
  }

  it('is asked by https; the credential goes to the token service alone, the token to the registry alone', () => {
    expect(pull({ trusted: 'registry' })).toEqual({
      registry: [null, 'Bearer a-token'],
      tokens: [`Basic ${Buffer.from('me:s3cret').toString('base64')}`],
      blobs: [null],
    });
  });

  it.each([
    ['that nobody vouches for', {}, 'self-signed certificate'],
    ['that names another host', { served: 'other', trusted: 'other' }, "Hostname/IP does not match certificate's altnames"],
  ])('with a certificate %s is refused after one connection, with the way out', (_, certificates, why) => {
    expect(pull(certificates)).toEqual({
      code: 'CERTIFICATE_REFUSED',
      message: expect.stringMatching(new RegExp(`^https://registry\\.example:\\d+/v2/team/web/manifests/1: ${why}`)) as string,
      hint: expect.stringContaining('NODE_EXTRA_CA_CERTS=<file of its certificate>') as string,
      connections: 1,
    });
  });
});
