// A workspace that takes the base prebuilt, on a machine without a compiler and without a network: the package that one workspace has made is
// packed and unpacked by npm, and installed in another.
import { execa } from 'execa';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { commandsOf } from './docs/commands.ts';
import { root } from './files.ts';
import { nxRun, type NxRun } from './nx.ts';
import { createStandInWorkspace } from './stand-in/workspace.ts';
import { nxEnvironment } from './workspace-copy.ts';

// Two workspaces are compiled, with stand-ins for the longest parts: on a busy machine that is longer than the other tests of Nx have.
vi.setConfig({ testTimeout: 20 * 60_000, hookTimeout: 20 * 60_000 });

const PACKAGE = 'node_modules/@container-os/prebuilt-vm-amd64';
const LOCK = `${PACKAGE}/prebuilt.lock.json`;
/** What compiles, links, or takes programs apart, and what only sources need. */
const OF_COMPILERS =
  /gcc|g\+\+|^c(c|pp|99|89)$|clang|musl|^(.*-)?(ld|as|ar|nm|ranlib|strip|objcopy|objdump|readelf)(\..*)?$|^make|flex|bison|^bc$|ccache|^go$|gperf|python|^dpkg|^apt/;

const maker = createStandInWorkspace();
const taker = createStandInWorkspace();
const sha256 = (directory: string, file: string): string =>
  createHash('sha256')
    .update(readFileSync(join(directory, file)))
    .digest('hex');
const ISO = 'dist/os-images/demo-os/demo-os.iso';

/** A directory with a link to each program of this machine that is of no compiler. */
function pathWithoutCompilers(): string {
  const directory = join(taker.base, 'bin');
  mkdirSync(directory);
  for (const from of (process.env['PATH'] ?? '').split(':').filter((one) => existsSync(one))) {
    for (const name of readdirSync(from))
      if (!OF_COMPILERS.test(name) && !existsSync(join(directory, name))) symlinkSync(join(from, name), join(directory, name));
  }
  return directory;
}

let withoutCompiler: NodeJS.ProcessEnv;
/** Without compiler, network and anything in the user's cache. */
const take = (task: string, env: NodeJS.ProcessEnv = {}): Promise<NxRun> => nxRun(taker.directory, task, { ...withoutCompiler, ...env });
const fromSource = (task: string): Promise<NxRun> => nxRun(taker.directory, task, { CONTAINER_OS_CACHE: taker.cache });

beforeAll(async () => {
  for (const target of ['iso', 'prebuild']) {
    const { exitCode, output } = await nxRun(maker.directory, target === 'iso' ? 'demo-os:iso' : 'base-vm:prebuild', { CONTAINER_OS_CACHE: maker.cache });
    expect(exitCode, output).toBe(0);
  }
  const made = join(maker.directory, 'dist/prebuilt/vm-amd64');
  const { stdout: tarball } = await execa('npm', ['pack', '--silent', '--pack-destination', taker.base], { cwd: made });
  mkdirSync(join(taker.directory, PACKAGE), { recursive: true });
  await execa('tar', ['-xzf', join(taker.base, tarball.trim()), '--strip-components=1', '-C', join(taker.directory, PACKAGE)]);
  taker.edit('nx.json', (text) => text.replace('"sources": "source"', '"sources": "prebuilt"'));
  withoutCompiler = { PATH: pathWithoutCompilers(), CONTAINER_OS_CACHE: join(taker.base, 'empty'), CONTAINER_OS_OFFLINE: '1' };
});
afterAll(() => [maker, taker].forEach((one) => one.remove()));

it('on a machine without a compiler the ISO is that from source, byte for byte, and no source is fetched', async () => {
  expect((await execa('gcc', ['--version'], { env: withoutCompiler, extendEnv: false, reject: false })).code).toBe('ENOENT');
  const { exitCode, output, built } = await take('demo-os:iso');
  expect(exitCode, output).toBe(0);
  expect(sha256(taker.directory, ISO)).toBe(sha256(maker.directory, ISO));
  expect(built).toContain('kernel');
  expect(built).not.toContain('sources');
  for (const file of ['kernel/bzImage', 'kernel/vmlinux', 'initramfs/initramfs.img'])
    expect(sha256(taker.directory, `dist/container-os/base/vm/${file}`)).toBe(sha256(maker.directory, `dist/container-os/base/vm/${file}`));
});

it('the hash has the entry of the lock file and no host tool: with the compiler back, everything is a hit', async () => {
  expect(await fromSource('demo-os:iso')).toMatchObject({ exitCode: 0, built: [] });
  const { tools } = JSON.parse(readFileSync(join(taker.directory, 'dist/container-os/base/vm/kernel/inputs.json'), 'utf8')) as { tools: object };
  expect(tools).toEqual({});
});

it('verify-prebuilt builds the same from source and finds every byte equal', async () => {
  const { exitCode, output, built } = await fromSource('demo-os:verify-prebuilt');
  expect(exitCode, output).toBe(0);
  expect(output).toMatch(/kernel: equal \(bzImage, vmlinux\)/);
  expect(output).toMatch(/\d+ artifacts built from source: all byte-identical to the prebuilt ones/);
  expect(built).toContain('source-kernel');
  // Beside the prebuilt ones, which stay.
  expect(await take('demo-os:iso')).toMatchObject({ exitCode: 0, built: [] });
});

it('verify-prebuilt says what differs: bytes, or the tools that made them, with both versions', async () => {
  type Lock = { artifacts: Record<string, { files: { sha256: string }[]; manifest: { toolchain: Record<string, string> } }> };
  const edit = (change: (lock: Lock) => void): void =>
    taker.edit(LOCK, (text) => {
      const lock = JSON.parse(text) as Lock;
      change(lock);
      return JSON.stringify(lock);
    });
  edit(({ artifacts }) => (artifacts['kernel']!.files[0]!.sha256 = '0'.repeat(64)));
  const differing = await fromSource('demo-os:verify-prebuilt');
  expect(differing.exitCode).not.toBe(0);
  expect(differing.output).toMatch(/PREBUILT_DIFFERS: kernel: PREBUILT_DIFFERS\n {2}bzImage: expected \d+ bytes with sha256 0{64}, got \d+ bytes/);
  edit(({ artifacts }) => (artifacts['kernel']!.manifest.toolchain['gcc'] = 'gcc 14.2.0'));
  const other = await fromSource('demo-os:verify-prebuilt');
  expect(other.exitCode).not.toBe(0);
  expect(other.output).toMatch(/TOOLCHAIN_DIFFERS: kernel: TOOLCHAIN_DIFFERS\n {2}gcc: prebuilt with gcc 14\.2\.0, here gcc .*12/);
  // What the lock names is not there: nothing is taken for it.
  const damaged = await take('base-vm:kernel');
  expect(damaged.exitCode).not.toBe(0);
  expect(damaged.output).toMatch(/OFFLINE: .*\n {2}bzImage \(sha256 0{64}\)/);
});

it('a fragment of an image builds its configuration and its kernel from source, and nothing else', async () => {
  writeFileSync(join(taker.directory, LOCK), readFileSync(join(maker.directory, 'dist/prebuilt/vm-amd64/prebuilt.lock.json')));
  taker.edit('os-images/my-os/own.config', () => 'CONFIG_DUMMY=y\n');
  taker.edit(
    'os-images/my-os/compose.yaml',
    () => 'services: { web: { image: busybox, command: [sleep, inf], x-os: { rootfs: [busybox] } } }\nx-os: { kernel: { fragments: [own.config] } }\n',
  );
  const { exitCode, output, built } = await fromSource('my-os:iso');
  expect(exitCode, output).toBe(0);
  // The sources are there: verify-prebuilt got them.
  expect(built).toEqual(['bundle-web', 'iso', 'kernel', 'kernel-config', 'rootfs', 'system']);
  expect(existsSync(join(taker.directory, 'dist/os-images/my-os/kernel/bzImage'))).toBe(true);
});

it('"sources: source" of an image, in the same workspace, gives it what the base compiles; the other image keeps the prebuilt', async () => {
  taker.edit('os-images/my-os/compose.yaml', (text) => text.replace(/x-os: \{ kernel.*/, 'x-os: { sources: source }'));
  const { exitCode, output, built, cached } = await fromSource('my-os:iso');
  expect(exitCode, output).toBe(0);
  expect([...built, ...cached]).toContain('source-kernel');
  expect([...built, ...cached]).not.toContain('kernel');
  expect(await take('demo-os:iso')).toMatchObject({ exitCode: 0, built: [] });
});

it('a configuration for which nothing is prebuilt is refused, with the way out', async () => {
  const { exitCode, output } = await take('demo-os:iso --configuration=pc');
  expect(exitCode).not.toBe(0);
  expect(output).toContain('PREBUILT_CONFIGURATION: kernel is another one in configuration pc');
  expect(output).toContain('sources: source');
});

it('without its package, an artifact is fetched from a mirror by its sha256; without both, the target says what to install', async () => {
  rmSync(join(taker.directory, PACKAGE, 'files'), { recursive: true });
  const none = await take('base-vm:tini --skip-nx-cache', { CONTAINER_OS_OFFLINE: '0' });
  expect(none.exitCode).not.toBe(0);
  expect(none.output).toMatch(/PREBUILT_MISSING: layer\.cpio \(sha256 [0-9a-f]{64}\): .*does not have it/);
  rmSync(join(taker.directory, PACKAGE), { recursive: true });
  const nothing = await take('base-vm:tini');
  expect(nothing.exitCode).not.toBe(0);
  expect(nothing.output).toContain('PREBUILT_MISSING: the workspace has no lock file of prebuilt artifacts that names tini');
  expect(nothing.output).toContain('npm install --save-dev @container-os/prebuilt-vm-amd64');
});

it('a lock file that is published and signed as the README says: taken from its URL, and its files from the server that it names', async () => {
  const home = join(maker.base, 'home');
  mkdirSync(home);
  const server = createServer(({ url = '' }, response) => {
    const file = join(home, 'public', url.replace(/^\/prebuilt/, ''));
    if (existsSync(file)) createReadStream(file).pipe(response);
    else response.writeHead(404).end();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    const readme = commandsOf(readFileSync(join(root, 'packages/prebuilt/README.md'), 'utf8'), 'README.md');
    const { commands } = readme.find(({ section, commands: [first] }) => section === 'A lock file from a URL' && first?.includes('--serial'))!;
    const publish = (): Promise<{ stdout: string }> =>
      execa('bash', ['-euo', 'pipefail', '-c', commands.join('\n').replace('https://HOST', host)], {
        cwd: maker.directory,
        env: { ...nxEnvironment(), CONTAINER_OS_CACHE: maker.cache, HOME: home },
        extendEnv: false,
      });
    const [fingerprint] = /^[0-9a-f]{64}(?=  -$)/m.exec((await publish()).stdout) ?? [];
    const options = `"prebuiltUrl": "${host}/prebuilt/prebuilt.lock.json", "prebuiltKey": "${fingerprint}"`;
    taker.edit('nx.json', (text) => text.replace('"sources": "prebuilt"', `"sources": "prebuilt", ${options}`));
    const update = (): Promise<NxRun> => take('base-vm:update-prebuilt', { CONTAINER_OS_OFFLINE: '0' });

    const before = await take('base-vm:tini');
    expect(before.output).toContain('get the lock file from there: nx run base-vm:update-prebuilt');
    const updated = await update();
    expect(updated.exitCode, updated.output).toBe(0);
    expect(updated.output).toMatch(/vm-amd64 none → \S+ \(serial 1\)[^]*kernel none → [^]*\+ bzImage {2}[0-9a-f]{64}/);
    const signed = join(home, 'public/prebuilt.lock.json');
    expect(readFileSync(join(taker.directory, 'prebuilt.lock.json'))).toEqual(readFileSync(signed));

    const { exitCode, output, built } = await take('demo-os:iso', { CONTAINER_OS_OFFLINE: '0' });
    expect(exitCode, output).toBe(0);
    expect(built).toContain('kernel');
    // The origin is new, and the bytes are those of before: what is made of them is a hit.
    expect(built).not.toContain('rootfs');
    expect(built).not.toContain('iso');
    expect(sha256(taker.directory, ISO)).toBe(sha256(maker.directory, ISO));

    writeFileSync(signed, readFileSync(signed, 'utf8').replace('"serial": 1', '"serial": 2'));
    const changed = await update();
    expect(changed.exitCode).not.toBe(0);
    expect(changed.output).toContain('PREBUILT_SIGNATURE_INVALID');
    expect(await take('demo-os:iso')).toMatchObject({ exitCode: 0, built: [] });
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
