import { readManifest } from '@container-os/core';
import { useWorkspace } from '@container-os/core/testing';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LockedFile } from '../src/lock.ts';
import prebuilt from '../src/prebuilt/executor.ts';

const PACKAGE = '@container-os/prebuilt-vm-amd64';
const workspace = useWorkspace();
const artifact = (): string => workspace.artifact('kernel');

const CONTENTS = { bzImage: Buffer.from('a compressed kernel'), 'debug/vmlinux': Buffer.from('a kernel') };
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const FILES: LockedFile[] = Object.entries(CONTENTS).map(([name, bytes]) => ({ name, size: bytes.length, sha256: sha256(bytes) }));
const [BZIMAGE, VMLINUX] = FILES as [LockedFile, LockedFile];
const MANIFEST = { name: 'linux', version: '6.12', licence: 'GPL-2.0-only', sources: [], toolchain: { gcc: 'gcc 12' }, details: { modules: 0 } };
const OPTIONS = { package: PACKAGE, recipe: 'f'.repeat(64), files: FILES, manifest: MANIFEST };

const run = (options: object = {}): Promise<boolean> => workspace.run(prebuilt, 'kernel', { ...OPTIONS, ...options });
const inPackage = (file: string): string => join(workspace.root, 'node_modules', PACKAGE, file);
const inStore = (file: string): string => join(workspace.cache, 'store/sha256', file);

async function put(path: string, bytes: Uint8Array | string, mode?: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, bytes, { mode });
}

/** Installs the package with these files, by their sha256. */
async function install(files: Record<string, Uint8Array> = Object.fromEntries(Object.values(CONTENTS).map((bytes) => [sha256(bytes), bytes]))): Promise<void> {
  await put(inPackage('package.json'), JSON.stringify({ name: PACKAGE, exports: { './package.json': './package.json' } }));
  for (const [name, bytes] of Object.entries(files)) await put(inPackage(`files/${name}`), bytes, 0o755);
}

async function expectRefused(message: RegExp, options: object = {}): Promise<void> {
  expect(await run(options)).toBe(false);
  expect(workspace.written).toMatch(message);
  expect(workspace.written).toMatch(/\n {2}hint: {2}\S/);
  expect(existsSync(artifact())).toBe(false);
  // Neither is what was begun.
  expect(existsSync(dirname(artifact())) ? await readdir(dirname(artifact())) : []).toEqual([]);
}

beforeEach(() => {
  for (const name of ['CONTAINER_OS_OFFLINE', 'CONTAINER_OS_MIRROR', 'http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY']) vi.stubEnv(name, undefined);
});

it('takes the files of the installed package, by the names that they have from source, whatever modes npm gave them', async () => {
  await install();
  expect(await run()).toBe(true);
  for (const [name, bytes] of Object.entries(CONTENTS)) {
    expect(await readFile(join(artifact(), name))).toEqual(bytes);
    expect((await stat(join(artifact(), name))).mode & 0o777).toBe(0o644);
  }
});

it('its manifest is that from source, with the tools and the recipe of the build that made it', async () => {
  await install();
  expect(await run()).toBe(true);
  expect(await readManifest(artifact())).toMatchObject({
    name: 'linux',
    version: '6.12',
    licence: 'GPL-2.0-only',
    toolchain: {},
    outputs: [{ file: 'bzImage', sha256: BZIMAGE.sha256 }, { file: 'debug/vmlinux' }],
    details: { modules: 0, prebuilt: { recipe: OPTIONS.recipe, toolchain: { gcc: 'gcc 12' } } },
  });
});

it.each([
  ['other bytes', Buffer.from('another one, sorry!')],
  ['a byte too few', CONTENTS.bzImage.subarray(0, -1)],
  ['nothing', Buffer.alloc(0)],
])('refuses a file of the package that has %s: nothing appears, and the message has both digests and sizes', async (_, bytes) => {
  await install({ [VMLINUX.sha256]: CONTENTS['debug/vmlinux'], [BZIMAGE.sha256]: bytes });
  const digests = `expected ${BZIMAGE.size} bytes with sha256 ${BZIMAGE.sha256}, got ${bytes.length} bytes with sha256 ${sha256(bytes)}`;
  await expectRefused(new RegExp(`PREBUILT_DAMAGED: bzImage: ${digests} from .*/files/${BZIMAGE.sha256}`));
});

it('refuses a file whose sha256 is right and whose size in the lock is not', async () => {
  await install();
  await expectRefused(/PREBUILT_DAMAGED: bzImage: expected 7 bytes/, { files: [{ ...BZIMAGE, size: 7 }, VMLINUX] });
});

it('says what to install where nothing has a file', async () => {
  await expectRefused(/PREBUILT_MISSING: bzImage \(sha256 [0-9a-f]{64}\): @container-os\/prebuilt-vm-amd64 is not installed\n/);
});

it('says what to install where there is no lock file', async () => {
  await expectRefused(/PREBUILT_MISSING: the workspace has no lock file of prebuilt artifacts that names kernel/, { files: undefined, manifest: undefined });
});

it('takes from the store what the package lacks, and verifies it', async () => {
  await install({ [BZIMAGE.sha256]: CONTENTS.bzImage });
  await put(inStore(VMLINUX.sha256), CONTENTS['debug/vmlinux']);
  expect(await run()).toBe(true);
  await put(inStore(VMLINUX.sha256), 'damaged!');
  expect(await run()).toBe(false);
  expect(workspace.written).toContain('PREBUILT_MISSING: debug/vmlinux');
});

it('offline, names all that is missing at once', async () => {
  vi.stubEnv('CONTAINER_OS_OFFLINE', '1');
  await expectRefused(new RegExp(`OFFLINE: [^]*bzImage \\(sha256 ${BZIMAGE.sha256}\\)\n  debug/vmlinux \\(sha256 ${VMLINUX.sha256}\\)`));
});

it('offline, takes what is installed', async () => {
  vi.stubEnv('CONTAINER_OS_OFFLINE', '1');
  await install();
  expect(await run()).toBe(true);
});

describe('from a server', () => {
  let server: Server;
  let served: Record<string, Uint8Array>;
  let url: string;

  beforeEach(async () => {
    served = Object.fromEntries(Object.values(CONTENTS).map((bytes) => [`/pre/${sha256(bytes)}`, bytes]));
    server = createServer(({ url: path = '' }, response) => {
      const bytes = served[path];
      response.writeHead(bytes ? 200 : 404).end(bytes);
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/pre`;
  });
  afterEach(() => void server.close());

  it('the mirror has each file under its sha256', async () => {
    vi.stubEnv('CONTAINER_OS_MIRROR', url);
    expect(await run()).toBe(true);
    expect(await readFile(join(artifact(), 'bzImage'))).toEqual(CONTENTS.bzImage);
    expect(await readFile(inStore(BZIMAGE.sha256))).toEqual(CONTENTS.bzImage);
  });

  it('the origin of the lock file, after the mirror', async () => {
    vi.stubEnv('CONTAINER_OS_MIRROR', url.replace('/pre', '/none'));
    expect(await run({ origin: url })).toBe(true);
  });

  it('a server without the file is named', async () => {
    served = {};
    await expectRefused(new RegExp(`PREBUILT_MISSING: bzImage \\(sha256 .*, nor does ${url}`), { origin: url });
  });

  it('a server with other bytes is refused', async () => {
    served[`/pre/${BZIMAGE.sha256}`] = Buffer.from('another one, sorry!');
    await expectRefused(/CHECKSUM_MISMATCH: /, { origin: url });
  });
});

it('refuses a configuration in which the artifact is another one', async () => {
  await install();
  await expectRefused(/PREBUILT_CONFIGURATION: kernel is another one in configuration pc, which is not prebuilt/, { configuration: 'pc' });
});
