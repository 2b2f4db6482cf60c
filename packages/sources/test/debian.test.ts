import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { aptMirrors } from '../src/apt-config.ts';
import { packageResolver } from '../src/apt.ts';
import { readReceipt } from '../src/index.ts';
import { readLock, type DebianPackage, type Lock } from '../src/lock.ts';
import type { SourceFile } from '../src/receipt.ts';
import sources from '../src/sources/executor.ts';
import updateSources from '../src/update-sources/executor.ts';
import { failure, fetchContext } from './fixtures/context.ts';
import { pinOf, serve } from './fixtures/origin.ts';
import { nxContext, writeLockFile } from './fixtures/workspace.ts';

const SUITE = 'bookworm-security';
/** A small library of a small suite, pinned at a version that its archive does not have. */
const GONE: Lock = {
  channel: 'debian',
  sources: {
    ndp: {
      version: '0.1-1',
      licence: 'LGPL-2.1-or-later',
      debian: { package: 'libndp0', suite: SUITE, kind: 'archive' },
      files: [
        { name: 'libndp0_0.1-1_amd64.deb', sha256: 'a'.repeat(64), size: 100, origin: 'debian-security:pool/updates/main/libn/libndp/libndp0_0.1-1_amd64.deb' },
      ],
    },
  },
};

/** Looking packages up needs the real archive: only Debian can sign an index. */
const mirror = await aptMirrors().then(
  (mirrors) => mirrors['debian-security'][0],
  () => undefined,
);
const reachable = await fetch(`${mirror}/dists/${SUITE}/InRelease`, { method: 'HEAD', signal: AbortSignal.timeout(10_000) }).then(
  ({ ok }) => ok,
  () => false,
);

let root: string;
let printed: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sources-debian-'));
  vi.stubEnv('CONTAINER_OS_CACHE', join(root, 'cache'));
  for (const name of ['CONTAINER_OS_MIRROR', 'CONTAINER_OS_DEBIAN_MIRROR']) vi.stubEnv(name, '');
  printed = '';
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'write').mockImplementation((text) => ((printed += String(text)), true));
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true });
});

const artifact = (): string => join(root, 'dist/os-images/demo/sources');
const fetchAll = (frozen = false) => sources({ channel: 'debian', frozen }, nxContext(root, 'sources'));
const lookUp = (wanted: Partial<DebianPackage>) => packageResolver()({ package: 'libndp0', suite: SUITE, kind: 'archive', ...wanted }, fetchContext());

describe.skipIf(!reachable)("with Debian's archive", { timeout: 120_000 }, () => {
  it('a pin that is gone is replaced by what the suite has now: said, verified and recorded', async () => {
    writeLockFile(root, GONE);
    expect(await fetchAll()).toEqual({ success: true });
    const receipt = await readReceipt(artifact(), 'ndp');
    expect(receipt.pinned).toEqual({ version: '0.1-1', files: GONE.sources['ndp']?.files });
    expect(receipt.files).toEqual([
      expect.objectContaining({ name: `libndp0_${receipt.version}_amd64.deb`, origin: expect.stringMatching(/^debian-security:pool\//) as string }),
    ]);
    const [file] = receipt.files;
    expect(
      createHash('sha256')
        .update(readFileSync(join(root, 'cache/store/sha256', file!.sha256)))
        .digest('hex'),
    ).toBe(file!.sha256);
    expect(printed).toContain(`warning: the archive no longer has the pinned ndp; using the current version of ${SUITE}, verified by apt:`);
    expect(printed).toContain(`ndp 0.1-1 → ${receipt.version}\n`);
    expect(JSON.stringify(receipt)).not.toContain('http');
  });

  it('frozen refuses a pin that is gone, and leaves no receipt', async () => {
    writeLockFile(root, GONE);
    expect(await fetchAll(true)).toEqual({ success: false });
    expect(printed).toContain('PIN_GONE: the pinned ndp 0.1-1 is gone');
    expect(printed).toContain('nx run demo:update-sources');
    expect(readdirSync(join(root, 'dist/os-images/demo'))).toEqual([]);
  });

  it('update-sources pins what the suite has now and shows the difference; then it is up to date', async () => {
    const file = writeLockFile(root, GONE);
    const update = () => updateSources({ channel: 'debian' }, nxContext(root, 'update-sources'));
    expect(await update()).toEqual({ success: true });
    const renewed = (await readLock(file, 'debian')).sources['ndp']!;
    expect(printed).toContain(
      `ndp 0.1-1 → ${renewed.version}\n  - libndp0_0.1-1_amd64.deb  ${'a'.repeat(64)}\n  + ${renewed.files[0]?.name}  ${renewed.files[0]?.sha256}\n`,
    );
    expect(readdirSync(join(file, '..'))).toEqual(['debian.lock.json']);
    printed = '';
    expect(await update()).toEqual({ success: true });
    expect(printed).toContain('up to date\n');
    expect(await fetchAll(true)).toEqual({ success: true });
  });

  it('a program comes with the packages of the libraries it needs, and no others', async () => {
    const { files } = await lookUp({ package: 'libndp-tools', kind: 'program' });
    expect(files.map(({ name }) => name.split('_')[0])).toEqual(['libndp-tools', 'libc6', 'libndp0']);
  });

  it('an archive comes with the packages that it names, each of them', async () => {
    const { version, files } = await lookUp({ with: ['libndp-tools', 'libndp-dev'] });
    expect(files.map(({ name }) => name.split('_')[0])).toEqual(['libndp0', 'libndp-dev', 'libndp-tools']);
    expect(files[0]?.name).toContain(`_${version}_`);
    expect(await failure(lookUp({ with: ['libndp-dev', 'no-such-package'] }))).toMatchObject({
      code: 'PACKAGE_MISSING',
      message: `${SUITE} has no package "no-such-package"`,
    });
  });

  it('a package that the suite does not have is PACKAGE_MISSING', async () => {
    for (const kind of ['archive', 'program', 'source'] as const) {
      expect(await failure(lookUp({ package: 'no-such-package', kind }))).toMatchObject({
        code: 'PACKAGE_MISSING',
        message: `${SUITE} has no package "no-such-package"`,
      });
    }
  });
});

it('an index that Debian has not signed is refused, although the host trusts it', async () => {
  const release =
    'Origin: Debian\nLabel: Debian\nSuite: sid\nCodename: sid\nComponents: main\nArchitectures: amd64\nDate: Thu, 01 Jan 2026 00:00:00 UTC\nSHA256:\n';
  const archive = await serve((request, response) => void (request.url?.endsWith('/Release') ? response.end(release) : response.writeHead(404).end()));
  writeFileSync(join(root, 'host.list'), `deb [trusted=yes] ${archive.url}/debian sid main\n`);
  writeFileSync(join(root, 'apt.conf'), `Dir::Etc::SourceList "${root}/host.list";\nDir::Etc::SourceParts "/dev/null";\nDir::State::Lists "${root}";\n`);
  vi.stubEnv('APT_CONFIG', join(root, 'apt.conf'));
  const error = await failure(lookUp({ suite: 'sid' }));
  await archive.close();
  expect(error).toMatchObject({ code: 'APT_UPDATE_FAILED', message: expect.stringMatching(/is not signed/) as string });
});

describe('without apt', () => {
  const content = Buffer.from('a package');
  const pin = { version: '1', licence: 'MIT', debian: { package: 'thing', suite: 'sid', kind: 'archive' as const } };
  const lockOf = (...files: SourceFile[]): Lock => ({ channel: 'debian', sources: { thing: { ...pin, files } } });
  const inPool = pinOf(content, 'debian:pool/t/thing_1_all.deb', 'thing_1_all.deb');
  const ofSecurity = pinOf(content, 'debian-security:pool/updates/t/thing_1_all.deb', 'thing_1_all.deb');

  beforeEach(() => {
    mkdirSync(join(root, 'bin'));
    for (const tool of ['tar', 'xz', 'bzip2', 'gzip', 'readelf'])
      symlinkSync(execFileSync('which', [tool], { encoding: 'utf8' }).trim(), join(root, 'bin', tool));
    vi.stubEnv('PATH', join(root, 'bin'));
    for (const name of ['http_proxy', 'https_proxy']) vi.stubEnv(name, '');
  });

  it('pins come from the mirror that the user names, and its URL with the password is nowhere', async () => {
    const receipts: string[] = [];
    for (const file of [inPool, ofSecurity, inPool]) {
      writeLockFile(root, lockOf(file));
      rmSync(join(root, 'cache'), { recursive: true, force: true });
      const seen: (string | undefined)[] = [];
      const archive = await serve((request, response) => (seen.push(request.url, request.headers.authorization), response.end(content)));
      vi.stubEnv('CONTAINER_OS_DEBIAN_MIRROR', `${archive.url.replace('//', '//user:s3cret@')}/debian/`);
      expect(await fetchAll()).toEqual({ success: true });
      await archive.close();
      expect(seen).toEqual([`/${file.origin.replace(':', '/')}`, `Basic ${Buffer.from('user:s3cret').toString('base64')}`]);
      receipts.push(readFileSync(join(artifact(), 'thing.json'), 'utf8'));
      for (const name of readdirSync(join(root, 'dist'), { recursive: true, withFileTypes: true }))
        if (name.isFile()) expect(readFileSync(join(name.parentPath, name.name), 'utf8')).not.toMatch(/s3cret|127\.0\.0\.1/);
    }
    // Another mirror, the same receipt: what other targets hash.
    expect(receipts[2]).toBe(receipts[0]);
    expect(printed).not.toContain('s3cret');
  });

  it('a pin that is gone is PIN_GONE: nothing looks up what is current', async () => {
    writeLockFile(root, lockOf(inPool));
    const archive = await serve((_, response) => void response.writeHead(404).end());
    vi.stubEnv('CONTAINER_OS_DEBIAN_MIRROR', `${archive.url.replace('//', '//user:s3cret@')}/debian`);
    expect(await fetchAll()).toEqual({ success: false });
    await archive.close();
    expect(printed).toContain(`PIN_GONE: the pinned thing 1 is gone: thing_1_all.deb is not at ${archive.url}/debian/pool/t/thing_1_all.deb`);
    expect(printed).toContain('CONTAINER_OS_DEBIAN_MIRROR that still has it');
    expect(printed).not.toContain('s3cret');
  });

  it('and without a mirror is APT_MIRROR_MISSING, unless a mirror by sha256 has the file', async () => {
    writeLockFile(root, lockOf(inPool));
    expect(await fetchAll()).toEqual({ success: false });
    expect(printed).toContain('APT_MIRROR_MISSING: this host has no apt');
    let status = 404;
    const mirror = await serve((_, response) => void response.writeHead(status).end(content));
    vi.stubEnv('CONTAINER_OS_MIRROR', mirror.url);
    printed = '';
    expect(await fetchAll()).toEqual({ success: false });
    expect(printed).toContain('APT_MIRROR_MISSING: this host has no apt');
    status = 200;
    expect(await fetchAll()).toEqual({ success: true });
    await mirror.close();
  });

  it('update-sources names what it needs', async () => {
    writeLockFile(root, lockOf(inPool));
    expect(await updateSources({ channel: 'debian' }, nxContext(root, 'update-sources'))).toEqual({ success: false });
    expect(printed).toContain('HOST_TOOL_MISSING: "apt-get", "apt-cache"');
  });
});

it("apt gets the password of a mirror's URL, and shows it nowhere", async () => {
  const seen: (string | undefined)[] = [];
  const archive = await serve((request, response) => (seen.push(request.headers.authorization), void response.writeHead(404).end()));
  vi.stubEnv('CONTAINER_OS_DEBIAN_MIRROR', `${archive.url.replace('//', '//user:s3cret@')}/debian`);
  const log = fetchContext();
  const error = await failure(packageResolver()({ package: 'x', suite: 'sid', kind: 'archive' }, { ...log, logFile: join(root, 'apt.log') }));
  await archive.close();
  expect(seen).toContain(`Basic ${Buffer.from('user:s3cret').toString('base64')}`);
  expect(error).toMatchObject({ code: 'APT_UPDATE_FAILED', message: expect.stringContaining(`of sid from ${archive.url}/debian\n`) as string });
  const home = join(root, 'cache/apt/sid-deb');
  const shown = [join(root, 'apt.log'), join(home, 'suite.sources'), join(home, 'apt.conf')].map((file) => readFileSync(file, 'utf8'));
  expect([error.message, ...shown, ...log.lines].join()).not.toContain('s3cret');
  expect(statSync(join(home, 'auth.conf')).mode & 0o777).toBe(0o600);
});

it('nothing is looked up offline', async () => {
  vi.stubEnv('CONTAINER_OS_OFFLINE', '1');
  expect((await failure(lookUp({}))).code).toBe('OFFLINE');
});
