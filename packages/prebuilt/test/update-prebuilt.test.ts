import { useWorkspace } from '@container-os/core/testing';
import { execa } from 'execa';
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import packageJson from '../package.json' with { type: 'json' };
import type { LockedArtifact, PrebuiltLock } from '../src/lock.ts';
import updatePrebuilt from '../src/update-prebuilt/executor.ts';
import { fingerprintOf } from '../src/update-prebuilt/signature.ts';

const HASH = 'a'.repeat(64);
const KERNEL: LockedArtifact = {
  recipe: HASH,
  manifest: { name: 'linux', version: '6.12.1', licence: 'GPL-2.0-only', sources: [], toolchain: {} },
  files: [{ name: 'bzImage', size: 1, sha256: HASH }],
};
const OTHER_KERNEL = { ...KERNEL, manifest: { ...KERNEL.manifest, version: '6.12.2' }, files: [{ name: 'bzImage', size: 1, sha256: 'b'.repeat(64) }] };
const LOCK: PrebuiltLock = { platform: 'vm-amd64', version: '1.0.0', serial: 7, origin: 'https://example.org/7', artifacts: { kernel: KERNEL } };

const OURS = generateKeyPairSync('ed25519');
const THEIRS = generateKeyPairSync('ed25519');
const pem = (key: KeyObject): Buffer => Buffer.from(key.export({ type: 'spki', format: 'pem' }));
const bytesOf = (lock: object): Buffer => Buffer.from(`${JSON.stringify(lock, null, 2)}\n`);

const workspace = useWorkspace();
const file = (): string => join(workspace.root, 'locks/prebuilt.lock.json');
const inWorkspace = async (): Promise<unknown> => (existsSync(file()) ? JSON.parse(await readFile(file(), 'utf8')) : undefined);

let server: Server;
/** By path. */
let served: Record<string, Uint8Array>;
let url: string;

beforeEach(async () => {
  for (const name of ['CONTAINER_OS_OFFLINE', 'CONTAINER_OS_MIRROR', 'http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY']) vi.stubEnv(name, undefined);
  served = {};
  server = createServer(({ url: path = '' }, response) => {
    const bytes = served[path];
    response.writeHead(bytes ? 200 : 404).end(bytes);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/pre/lock.json`;
});
afterEach(() => void server.close());

function publish(lock: object, { privateKey, publicKey } = OURS): void {
  const bytes = bytesOf(lock);
  served = { '/pre/lock.json': bytes, '/pre/lock.json.sig': sign(null, bytes, privateKey), '/pre/lock.json.pub': pem(publicKey) };
}

const update = (options: object = {}): Promise<boolean> =>
  workspace.run(updatePrebuilt, 'update-prebuilt', {
    platform: 'vm-amd64',
    lock: 'locks/prebuilt.lock.json',
    url,
    key: fingerprintOf(OURS.publicKey),
    ...options,
  });

/** It fails with this message and a hint, and the workspace has what it had. */
async function expectRefused(message: RegExp, options: object = {}): Promise<void> {
  const before = await inWorkspace();
  expect(await update(options)).toBe(false);
  expect(workspace.written).toMatch(message);
  expect(workspace.written).toMatch(/\n {2}hint: {2}\S/);
  expect(await inWorkspace()).toEqual(before);
  if (before !== undefined) expect(await readdir(join(file(), '..'))).toEqual(['prebuilt.lock.json']);
}

/** What was taken before, and is under review. */
async function have(lock: object): Promise<void> {
  await mkdir(join(file(), '..'), { recursive: true });
  await writeFile(file(), JSON.stringify(lock));
}

it('takes a signed lock file, byte for byte, where the workspace has none', async () => {
  publish(LOCK);
  expect(await update()).toBe(true);
  expect(await readFile(file())).toEqual(bytesOf(LOCK));
  expect(await readdir(join(file(), '..'))).toEqual(['prebuilt.lock.json']);
  expect(workspace.written).toMatch(
    /vm-amd64 none → 1\.0\.0 \(serial 7\)\n.*origin none → https:\/\/example\.org\/7\n.*kernel none → 6\.12\.1\n.*\+ bzImage {2}a{64}\n/,
  );
});

it('takes a newer one, and says what changes', async () => {
  const tini = { ...KERNEL, manifest: { ...KERNEL.manifest, version: '0.19' } };
  await have({ ...LOCK, artifacts: { kernel: KERNEL, tini, crun: KERNEL } });
  publish({ ...LOCK, version: '1.1.0', serial: 8, artifacts: { kernel: OTHER_KERNEL, tini: { ...tini, recipe: 'c'.repeat(64) } } });
  expect(await update()).toBe(true);
  const lines = workspace.written.split('\n').map((line) => line.trimEnd());
  const from = lines.findIndex((line) => line.includes('vm-amd64'));
  expect(lines.slice(from, -1).map((line) => line.replace(workspace.root, ''))).toMatchInlineSnapshot(`
    [
      "vm-amd64 1.0.0 (serial 7) → 1.1.0 (serial 8)",
      "crun 6.12.1 → none",
      "  - bzImage  aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
      "kernel 6.12.1 → 6.12.2",
      "  - bzImage  aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
      "  + bzImage  bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
      "tini 0.19: the same files, of another recipe, other sources or other tools",
      "written to /locks/prebuilt.lock.json",
    ]
  `);
});

it('warns of artifacts of another version than the plugins that are installed', async () => {
  publish({ ...LOCK, version: packageJson.version });
  expect(await update()).toBe(true);
  expect(workspace.written).not.toContain('warning');
  publish({ ...LOCK, version: '99.0.0', serial: 8 });
  expect(await update()).toBe(true);
  expect(workspace.written).toContain(`warning: the artifacts are of version 99.0.0, the plugins here of ${packageJson.version}`);
});

it('says nothing but that it is up to date, however the file is formatted', async () => {
  await have(LOCK);
  publish(LOCK);
  expect(await update()).toBe(true);
  expect(workspace.written).toContain('up to date');
  expect(await readFile(file(), 'utf8')).toBe(JSON.stringify(LOCK));
});

it('takes the place of a lock file without a number, which came otherwise', async () => {
  const { serial: _, ...own } = LOCK;
  await have(own);
  publish({ ...LOCK, serial: 1 });
  expect(await update()).toBe(true);
  expect(await inWorkspace()).toMatchObject({ serial: 1 });
});

it('takes what a new key has signed once nx.json has its fingerprint, and not before', async () => {
  await have(LOCK);
  publish({ ...LOCK, serial: 8 }, THEIRS);
  await expectRefused(
    new RegExp(`PREBUILT_KEY_REFUSED: .*expected the key with the fingerprint ${fingerprintOf(OURS.publicKey)}, got ${fingerprintOf(THEIRS.publicKey)}`),
  );
  expect(await update({ key: fingerprintOf(THEIRS.publicKey) })).toBe(true);
  expect(await inWorkspace()).toMatchObject({ serial: 8 });
});

it('takes one whose URL has a query: signature and key have it too', async () => {
  publish(LOCK);
  served = Object.fromEntries(Object.entries(served).map(([path, bytes]) => [`${path}?channel=stable`, bytes]));
  expect(await update({ url: `${url}?channel=stable` })).toBe(true);
});

describe('refuses', () => {
  it.each(['.sig', '.pub'])('a lock file without its %s', async (suffix) => {
    publish(LOCK);
    delete served[`/pre/lock.json${suffix}`];
    await expectRefused(new RegExp(`PREBUILT_UNSIGNED: .*the server has no .*/pre/lock\\.json\\${suffix}`));
    expect(existsSync(file())).toBe(false);
  });

  it('another signature: of another key, which the right public key does not make good', async () => {
    publish(LOCK, THEIRS);
    served['/pre/lock.json.pub'] = pem(OURS.publicKey);
    await expectRefused(/PREBUILT_SIGNATURE_INVALID: /);
  });

  it.each([
    ['the first', 0],
    ['one in the middle', 200],
    ['the last', -1],
  ])('a lock file of which one bit has changed in a byte: %s', async (_, at) => {
    publish(LOCK);
    const bytes = Buffer.from(served['/pre/lock.json']!);
    bytes.writeUInt8(bytes.at(at)! ^ 1, (at + bytes.length) % bytes.length);
    served['/pre/lock.json'] = bytes;
    await expectRefused(/PREBUILT_SIGNATURE_INVALID: /);
  });

  it.each([
    ['a byte of it has changed', (bytes: Buffer) => Buffer.concat([Buffer.from([bytes.readUInt8(0) ^ 1]), bytes.subarray(1)])],
    ['it is cut', (bytes: Buffer) => bytes.subarray(0, -1)],
    ['it is empty', () => Buffer.alloc(0)],
    ['it is in hex', (bytes: Buffer) => Buffer.from(bytes.toString('hex'))],
  ])('a signature of which %s', async (_, change) => {
    publish(LOCK);
    served['/pre/lock.json.sig'] = change(Buffer.from(served['/pre/lock.json.sig']!));
    await expectRefused(/PREBUILT_SIGNATURE_INVALID: /);
  });

  it.each<[string, () => Uint8Array]>([
    ['a page', () => Buffer.from('<html>')],
    ['a key of another kind', () => pem(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey)],
  ])('%s in place of the public key', async (_, key) => {
    publish(LOCK);
    served['/pre/lock.json.pub'] = key();
    await expectRefused(/PREBUILT_KEY_REFUSED: .*got no Ed25519 public key in PEM/);
  });

  it.each([
    ['an older one', 6, '6'],
    ['another one with the same number', 7, '7'],
    ['one without a number', undefined, 'none'],
  ])('%s', async (_, serial, got) => {
    await have(LOCK);
    publish({ ...LOCK, serial, artifacts: { kernel: OTHER_KERNEL } });
    await expectRefused(new RegExp(`PREBUILT_OLDER: .*expected a lock file with serial 8 or more, got ${got}`));
  });

  it('one without a number where the workspace has none', async () => {
    publish({ ...LOCK, serial: undefined });
    await expectRefused(/PREBUILT_OLDER: .*expected a lock file with serial 1 or more, got none/);
  });

  it.each(['vm-arm64', 'pc-amd64'])('one of %s', async (platform) => {
    publish({ ...LOCK, platform });
    await expectRefused(new RegExp(`LOCK_INVALID: ${url}: platform is "${platform}", expected "vm-amd64"`));
  });

  it('what is signed and no lock file', async () => {
    publish({ ...LOCK, artifacts: { kernel: { ...KERNEL, files: [{ name: '../../bzImage', size: 1, sha256: HASH }] } } });
    await expectRefused(/LOCK_INVALID: .*expected a path inside of the artifact/);
  });

  it('a server without it', async () => {
    await expectRefused(/PREBUILT_LOCK_GONE: .*\/pre\/lock\.json/);
  });

  it('a file that is longer than any lock file', async () => {
    publish(LOCK);
    served['/pre/lock.json'] = Buffer.alloc(1024 * 1024 + 1, ' ');
    await expectRefused(/ANSWER_TOO_LONG: /);
  });

  it.each([
    ['http to another machine', 'http://example.org/lock.json', 'http://example.org/lock.json'],
    ['another protocol', 'file:///srv/lock.json', 'file:///srv/lock.json'],
    ['no URL', 'lock.json', 'lock.json'],
    ['a name that only begins as that of this machine', 'http://localhost.example.org/lock.json', 'http://localhost.example.org/lock.json'],
    ['a password, which it does not show', 'https://me:secret@example.org/lock.json', 'one of example.org with user or password'],
  ])('%s, and asks nobody', async (_, from, got) => {
    await expectRefused(new RegExp(`PREBUILT_URL_REFUSED: .*expected a URL by https without user and password, got ${got.replaceAll('.', '\\.')}\n`), {
      url: from,
    });
    expect(workspace.written).not.toContain('secret');
  });

  it.each([
    ['URL', 'prebuiltUrl', { url: undefined }],
    ['key', 'prebuiltKey', { key: undefined }],
  ])('to do anything without a %s', async (_, name, options) => {
    publish(LOCK);
    await expectRefused(new RegExp(`PREBUILT_OPTION_MISSING: nx\\.json has no "${name}"`), options);
  });

  it('to ask offline, and names what it would ask for', async () => {
    vi.stubEnv('CONTAINER_OS_OFFLINE', '1');
    publish(LOCK);
    await expectRefused(/OFFLINE: CONTAINER_OS_OFFLINE is 1, and .*\/pre\/lock\.json/);
  });
});

it('takes what the release workflow signs, with OpenSSL and a key that its environment has', async () => {
  const { jobs } = parse(await readFile(join(import.meta.dirname, '../../../.github/workflows/release.yml'), 'utf8')) as {
    jobs: Record<string, { environment?: string; steps: { run?: string; env?: Record<string, string> }[] }>;
  };
  const steps = Object.values(jobs).flatMap(({ environment, steps }) => steps.map((step) => ({ environment, ...step })));
  const keyed = steps.filter((step) => /secrets/.test(JSON.stringify(step)));
  expect(keyed).toMatchObject([{ environment: 'release', env: { KEY: '${{ secrets.PREBUILT_KEY }}' } }]);
  await mkdir(join(workspace.root, 'one'));
  await writeFile(join(workspace.root, 'one/prebuilt-vm-amd64.lock.json'), bytesOf(LOCK));
  const env = { ...process.env, KEY: String(OURS.privateKey.export({ type: 'pkcs8', format: 'pem' })) };
  const { stdout } = await execa('bash', ['-euo', 'pipefail', '-c', keyed[0]!.run!], { cwd: workspace.root, env });
  expect(stdout).toContain(fingerprintOf(OURS.publicKey));
  for (const suffix of ['', '.sig', '.pub'])
    served[`/pre/lock.json${suffix}`] = await readFile(join(workspace.root, `one/prebuilt-vm-amd64.lock.json${suffix}`));
  expect(await update()).toBe(true);
  expect((await readdir(join(workspace.root, 'one'))).sort()).toEqual(['', '.pub', '.sig'].map((suffix) => `prebuilt-vm-amd64.lock.json${suffix}`));
  // Without the secret it fails: nothing is published that nobody signed.
  const without = await execa('bash', ['-euo', 'pipefail', '-c', keyed[0]!.run!], { cwd: workspace.root, env: { ...env, KEY: '' }, reject: false });
  expect(without.exitCode).not.toBe(0);
});
