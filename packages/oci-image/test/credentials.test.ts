import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { obtainLayer } from '../src/obtain-layer.ts';
import { resolveImage } from '../src/pull.ts';
import { failure } from '@container-os/sources/testing';
import { useBench } from './fixtures/context.ts';
import { imageOf } from './fixtures/image.ts';
import { basic, TestRegistry, type Got } from './fixtures/registry.ts';

const LOGIN = 'me:s3cret:with-colon';

const bench = useBench();

/** Writes a file of credentials below the test's directory; `auths` are logins by name. */
function writeAuth(path: string, auths: Record<string, string>, more: object = {}): void {
  const file = join(bench.directory, path);
  mkdirSync(dirname(file), { recursive: true });
  const entries = Object.entries(auths).map(([name, login]) => [name, { auth: Buffer.from(login).toString('base64') }]);
  writeFileSync(file, JSON.stringify({ auths: Object.fromEntries(entries), ...more }));
}

const DOCKER = 'DOCKER_CONFIG/config.json';

/** Pulls an image with its layers. */
async function pull(reference = `${bench.registry.host}/team/web:1`): Promise<void> {
  const { layers, origin } = await resolveImage(reference, bench.options(), bench.context);
  for (const layer of layers) await obtainLayer(layer, origin, bench.context);
}

const authorizations = (got: readonly Got[]): (string | undefined)[] => [...new Set(got.map(({ authorization }) => authorization))];

function push(): void {
  bench.registry.push('team/web', '1', imageOf());
}

describe('a credential goes to', () => {
  it('the token service that the registry names, and a token to the registry: neither to where it redirects', async () => {
    push();
    bench.registry.wants = { scheme: 'bearer', login: LOGIN };
    bench.registry.redirects = true;
    writeAuth(DOCKER, { [bench.registry.host]: LOGIN });
    await pull();
    const { registry, tokens, blobs } = bench.registry.got;
    expect(authorizations(registry)).toEqual([undefined, 'Bearer a-token']);
    expect(tokens).toEqual([{ method: 'GET', url: '/token?service=test+registry&scope=repository%3Ateam%2Fweb%3Apull', authorization: basic(LOGIN) }]);
    expect(blobs).toHaveLength(2);
    expect(authorizations(blobs)).toEqual([undefined]);
    expect(bench.lines.join('\n')).not.toMatch(/s3cret|a-token|czNjcmV0/);
  });

  it('the registry, where it asks by Basic', async () => {
    push();
    bench.registry.wants = { scheme: 'basic', login: LOGIN };
    bench.registry.redirects = true;
    writeAuth(DOCKER, { [bench.registry.host]: LOGIN });
    await pull();
    expect(authorizations(bench.registry.got.registry)).toEqual([undefined, basic(LOGIN)]);
    expect(authorizations(bench.registry.got.blobs)).toEqual([undefined]);
  });

  it('no other port of the same host', async () => {
    push();
    bench.registry.wants = { scheme: 'basic', login: LOGIN };
    writeAuth(DOCKER, { '127.0.0.1': LOGIN, '127.0.0.1:1': LOGIN });
    expect(await failure(pull())).toMatchObject({ code: 'ACCESS_DENIED', hint: expect.stringContaining(`docker login ${bench.registry.host}`) as string });
    expect(authorizations(bench.registry.got.registry)).toEqual([undefined]);
  });

  it('no redirect of the registry to itself', async () => {
    push();
    bench.registry.wants = { scheme: 'basic', login: LOGIN };
    writeAuth(DOCKER, { [bench.registry.host]: LOGIN });
    bench.registry.answer = ({ url, headers }, response) =>
      url === '/v2/team/web/manifests/1' && headers.authorization !== undefined && (response.writeHead(307, { location: '/elsewhere' }).end(), true);
    await failure(pull());
    expect(bench.registry.got.registry.at(-1)).toEqual({ method: 'GET', url: '/elsewhere' });
  });

  it('no token service over plain http beyond this machine', async () => {
    push();
    bench.registry.wants = { scheme: 'bearer', login: LOGIN };
    writeAuth(DOCKER, { [bench.registry.host]: LOGIN });
    for (const realm of ['http://tokens.invalid/token', 'ftp://127.0.0.1/token', 'https://user:password@tokens.invalid/', 'nonsense']) {
      bench.registry.realm = realm;
      expect(await failure(pull())).toMatchObject({ code: 'REGISTRY_NOT_HTTPS', message: expect.stringContaining('expected an https URL') as string });
    }
  });

  it('no place to which a token service redirects', async () => {
    push();
    const other = await TestRegistry.start();
    bench.registry.wants = { scheme: 'bearer', login: LOGIN };
    writeAuth(DOCKER, { [bench.registry.host]: LOGIN });
    bench.registry.answer = ({ url }, response) =>
      (url ?? '').startsWith('/token') && (response.writeHead(302, { location: `${other.url}/token` }).end(), true);
    await failure(pull());
    expect(authorizations(other.got.registry)).toEqual([undefined]);
    await other.close();
  });

  it('no mirror of the store', async () => {
    push();
    const mirror = await TestRegistry.start();
    mirror.wants = { scheme: 'basic', login: LOGIN };
    bench.registry.wants = { scheme: 'basic', login: LOGIN };
    writeAuth(DOCKER, { [bench.registry.host]: LOGIN, [mirror.host]: LOGIN });
    vi.stubEnv('CONTAINER_OS_MIRROR', mirror.url);
    await pull();
    expect(authorizations(mirror.got.registry)).toEqual([undefined]);
    await mirror.close();
  });

  it('no proxy, where the registry is this machine’s', async () => {
    push();
    const proxy = await TestRegistry.start();
    bench.registry.wants = { scheme: 'basic', login: LOGIN };
    writeAuth(DOCKER, { [bench.registry.host]: LOGIN });
    vi.stubEnv('http_proxy', proxy.url);
    await pull();
    expect(proxy.got.registry).toEqual([]);
    await proxy.close();
  });
});

it('is not needed where the token service gives a token to everybody', async () => {
  push();
  bench.registry.wants = { scheme: 'bearer' };
  await pull();
  expect(authorizations(bench.registry.got.tokens)).toEqual([undefined]);
});

it('that is refused is named by its file, and not shown', async () => {
  push();
  bench.registry.wants = { scheme: 'bearer', login: 'somebody:else' };
  writeAuth(DOCKER, { [bench.registry.host]: LOGIN });
  const error = await failure(pull());
  expect(error.code).toBe('ACCESS_DENIED');
  expect(error.message).toContain(`refuses the credential for ${bench.registry.host} in ${join(bench.directory, DOCKER)}`);
  expect(`${error.message}${error.hint}${bench.lines.join()}`).not.toMatch(/s3cret|czNjcmV0/);
});

describe('it is looked for in', () => {
  const accepts = async (): Promise<void> => {
    push();
    bench.registry.wants = { scheme: 'basic', login: LOGIN };
    await pull();
  };

  it.each(['XDG_RUNTIME_DIR/containers/auth.json', 'XDG_CONFIG_HOME/containers/auth.json', DOCKER])('%s', async (path) => {
    writeAuth(path, { [bench.registry.host]: LOGIN });
    await accepts();
  });

  it('REGISTRY_AUTH_FILE, before the others', async () => {
    vi.stubEnv('REGISTRY_AUTH_FILE', join(bench.directory, 'own.json'));
    writeAuth('own.json', { [bench.registry.host]: LOGIN });
    writeAuth('XDG_RUNTIME_DIR/containers/auth.json', { [bench.registry.host]: 'other:one' });
    await accepts();
  });

  it('the next file, where one does not have it', async () => {
    writeAuth('XDG_RUNTIME_DIR/containers/auth.json', { 'registry.example': 'other:one' });
    writeAuth(DOCKER, { [`https://${bench.registry.host}/v2/`]: LOGIN });
    await accepts();
  });

  it('an entry for a part of the registry first', async () => {
    writeAuth('XDG_RUNTIME_DIR/containers/auth.json', { [bench.registry.host]: 'other:one', [`${bench.registry.host}/team`]: LOGIN });
    await accepts();
  });

  it('a file that is no JSON is an error that does not quote it', async () => {
    mkdirSync(join(bench.directory, 'DOCKER_CONFIG'));
    writeFileSync(join(bench.directory, DOCKER), '{"auths": s3cret');
    const error = await failure(accepts());
    expect(error).toMatchObject({ code: 'AUTH_FILE_INVALID', message: `${join(bench.directory, DOCKER)}: not JSON` });
    expect(error.cause).toBeUndefined();
  });
});

describe('credential helpers', () => {
  /** Puts `docker-credential-test` on PATH, which appends what it is asked to a file. */
  function installHelper(script: string): void {
    writeFileSync(
      join(bench.directory, 'docker-credential-test'),
      `#!/bin/sh\nread -r server; echo "$1 $server $TEST_HELPER" >>${bench.directory}/asked\n${script}\n`,
      { mode: 0o755 },
    );
    vi.stubEnv('PATH', `${bench.directory}:${process.env['PATH']}`);
    vi.stubEnv('TEST_HELPER', 'of-the-user');
  }

  it('of the registry are asked, in the user’s environment', async () => {
    push();
    bench.registry.wants = { scheme: 'basic', login: 'me:s3cret' };
    installHelper(`echo '{"ServerURL":"x","Username":"me","Secret":"s3cret"}'`);
    writeAuth(DOCKER, {}, { credHelpers: { [bench.registry.host]: 'test' } });
    await pull();
    const { readFileSync } = await import('node:fs');
    expect(readFileSync(join(bench.directory, 'asked'), 'utf8')).toBe(`get ${bench.registry.host} of-the-user\n`);
  });

  it('of all registries may have an identity token, which goes to the token service', async () => {
    push();
    bench.registry.wants = { scheme: 'bearer', refreshToken: 's3cret' };
    installHelper(`echo '{"ServerURL":"x","Username":"<token>","Secret":"s3cret"}'`);
    writeAuth(DOCKER, {}, { credsStore: 'test' });
    await pull();
    expect(bench.registry.got.tokens[0]).toMatchObject({ method: 'POST', url: '/token', body: expect.stringContaining('refresh_token=s3cret') as string });
    expect(authorizations(bench.registry.got.tokens)).toEqual([undefined]);
  });

  it('that have none leave the entries of the file', async () => {
    push();
    bench.registry.wants = { scheme: 'basic', login: LOGIN };
    installHelper(`echo 'credentials not found in native keychain'; exit 1`);
    writeAuth(DOCKER, { [bench.registry.host]: LOGIN }, { credsStore: 'test' });
    await pull();
  });

  it.each([
    ['fail', `echo s3cret; exit 1`, 'exit code 1'],
    ['fail otherwise', `echo s3cret; exit 3`, 'it failed'],
    ['answer nonsense', `echo s3cret`, 'its answer has no Username and Secret'],
  ])('that %s are an error without what they printed', async (_, script, message) => {
    push();
    bench.registry.wants = { scheme: 'basic', login: LOGIN };
    installHelper(script);
    writeAuth(DOCKER, {}, { credsStore: 'test' });
    const error = await failure(pull());
    expect(error).toMatchObject({ code: 'CREDENTIAL_HELPER_FAILED', message: expect.stringContaining(message) as string });
    expect(`${error.message}${String(error.cause)}${bench.lines.join()}`).not.toContain('s3cret');
  });

  it('that are not there are named', async () => {
    push();
    bench.registry.wants = { scheme: 'basic', login: LOGIN };
    writeAuth(DOCKER, {}, { credsStore: 'not-there' });
    expect((await failure(pull())).message).toContain('docker-credential-not-there get for');
  });
});

describe('a mirror', () => {
  it('is asked first, with its own credential', async () => {
    bench.registry.push('hub/library/nginx', '1.27', imageOf());
    bench.registry.wants = { scheme: 'basic', login: LOGIN };
    writeAuth(DOCKER, { [bench.registry.host]: LOGIN, 'https://index.docker.io/v1/': 'of:hub' });
    vi.stubEnv('CONTAINER_OS_REGISTRY_MIRROR', `quay.io=https://other.invalid docker.io=${bench.registry.url}/hub/`);
    await pull('nginx:1.27');
    expect(authorizations(bench.registry.got.registry)).toEqual([undefined, basic(LOGIN)]);
    expect(bench.registry.got.registry[0]?.url).toBe('/v2/hub/library/nginx/manifests/1.27');
  });

  it('that fails leaves the registry itself', async () => {
    push();
    vi.stubEnv('CONTAINER_OS_REGISTRY_MIRROR', `${bench.registry.host}=http://127.0.0.1:1`);
    await pull();
    expect(bench.lines.join()).toContain('trying the next origin');
  });

  it.each([
    ['docker.io', 'REGISTRY_MIRROR_INVALID'],
    ['docker.io=mirror', 'REGISTRY_MIRROR_INVALID'],
    ['docker.io=http://mirror.example', 'REGISTRY_NOT_HTTPS'],
    ['docker.io=https://me:s3cret@mirror.example', 'REGISTRY_MIRROR_INVALID'],
  ])('%s is %s', async (value, code) => {
    vi.stubEnv('CONTAINER_OS_REGISTRY_MIRROR', value);
    const error = await failure(pull('nginx'));
    expect(error.code).toBe(code);
    expect(error.message).not.toContain('s3cret');
  });
});
