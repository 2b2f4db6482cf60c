import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { aptMirrors } from '../src/apt-config.ts';
import { packageResolver } from '../src/apt.ts';
import { readReceipt } from '../src/index.ts';
import { readLock, type DebianPackage, type Lock } from '../src/lock.ts';
import sources from '../src/sources/executor.ts';
import updateSources from '../src/update-sources/executor.ts';
import { failure, fetchContext } from './fixtures/context.ts';
import { serve } from './fixtures/origin.ts';
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
  vi.stubEnv('CONTAINER_OS_MIRROR', '');
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

it('nothing is looked up offline', async () => {
  vi.stubEnv('CONTAINER_OS_OFFLINE', '1');
  expect((await failure(lookUp({}))).code).toBe('OFFLINE');
});
