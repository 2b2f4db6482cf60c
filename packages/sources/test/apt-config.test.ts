import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { aptMirrors, aptProxy, debianMirrors, findMirrors, findProxy, namedMirrors } from '../src/apt-config.ts';
import { failure } from './fixtures/context.ts';

/** Lines of `apt-get update --print-uris` for repositories given as `base suite`. */
const uris = (...repositories: string[]): string =>
  repositories
    .map((one) => one.split(' '))
    .map(([base, suite]) => `'${base}/dists/${suite}/InRelease' ${suite}_InRelease 0 \n'${base}/dists/${suite}/main/binary-amd64/Packages.xz' Packages 0 `)
    .join('\n');

describe("Debian's mirrors", () => {
  it('are read from what apt would update', () => {
    expect(findMirrors(uris('http://m/debian bookworm', 'http://m/debian bookworm-updates', 'http://s/debian-security bookworm-security'))).toEqual({
      debian: ['http://m/debian'],
      'debian-security': ['http://s/debian-security'],
    });
  });

  it('stand before repositories of others that use the names of suites', () => {
    expect(findMirrors(uris('https://docker.example/linux/debian bookworm', 'http://m/debian bookworm', 'http://m/debian bookworm-updates')).debian).toEqual([
      'http://m/debian',
      'https://docker.example/linux/debian',
    ]);
  });

  it('have both archives side by side where apt knows one', () => {
    expect(findMirrors(uris('http://m/debian/ sid'))['debian-security']).toEqual(['http://m/debian-security']);
  });

  it("are those listed in a file, as on Debian's cloud images", () => {
    const lists = new Map([['mirror+file:/etc/apt/mirrors/debian.list', '# comment\nhttps://one.example/debian\nhttps://two.example/debian/\tpriority:2\n']]);
    expect(findMirrors(uris('mirror+file:/etc/apt/mirrors/debian.list bookworm'), lists).debian).toEqual([
      'https://one.example/debian',
      'https://two.example/debian',
    ]);
  });

  it('are missing on a host of another kind, which is told what was found', () => {
    const error = (): unknown => findMirrors(uris('http://archive.example/ubuntu noble', 'cdrom:[x] bookworm'));
    expect(error).toThrow("the host's apt has no mirror of Debian's archive (configured: http://archive.example/ubuntu noble)");
  });
});

describe("a Ubuntu's apt is no mirror of Debian", () => {
  it.each([
    ['its own archive', ['http://u/ubuntu noble', 'http://u/ubuntu noble-updates', 'http://u/ubuntu noble-security']],
    ['a repository of one program, whose suite is called as a status of Debian', ['http://u/ubuntu noble', 'https://dl.example/chrome/deb stable']],
  ])('%s', (_, repositories) => {
    expect(() => findMirrors(uris(...repositories))).toThrow("the host's apt has no mirror of Debian's archive");
  });

  it('its security archive, beside a mirror of Debian', () => {
    const mirrors = findMirrors(uris('http://u/ubuntu noble', 'http://u/ubuntu noble-security', 'http://m/debian bookworm'));
    expect(mirrors).toEqual({ debian: ['http://m/debian'], 'debian-security': ['http://m/debian-security'] });
  });
});

describe('mirrors that the user names', () => {
  it('are of the security archive by their path, which is beside that of the other if none is named', () => {
    expect(namedMirrors(['http://m/debian/', 'http://s/debian-security'])).toEqual({
      debian: ['http://m/debian'],
      'debian-security': ['http://s/debian-security'],
    });
    expect(namedMirrors(['http://a/debian', 'http://b/mirror'])['debian-security']).toEqual(['http://a/debian-security', 'http://b/mirror-security']);
    expect(namedMirrors(['http://s/archive/debian/20260101T000000Z'])['debian-security']).toEqual(['http://s/archive/debian-security/20260101T000000Z']);
  });

  it('are URLs, and none is shown that may hold a password', () => {
    expect(() => namedMirrors(['http://m/debian', 'user:secret@m/debian'])).toThrow('CONTAINER_OS_DEBIAN_MIRROR: its URL 2 is none of http or https');
    expect(() => namedMirrors(['http://user:p@secret@s/debian-security'])).toThrow(
      'CONTAINER_OS_DEBIAN_MIRROR: it names http://s/debian-security, and no mirror of the archive "debian"',
    );
  });
});

describe("apt's proxy", () => {
  it('is read in the words of undici', () => {
    expect(
      findProxy('Acquire::http::Proxy=http://p:3142\nAcquire::https::proxy=DIRECT\nAcquire::http::Proxy::near.example=DIRECT\nAcquire::http::Timeout=5\n'),
    ).toEqual({
      httpProxy: 'http://p:3142',
      httpsProxy: '',
      noProxy: 'near.example',
    });
  });

  it('is nothing where apt has none', () => {
    expect(findProxy('Acquire::Languages=\n')).toEqual({});
  });
});

describe('a real apt', () => {
  const directory = mkdtempSync(join(tmpdir(), 'sources-apt-'));
  afterAll(() => rmSync(directory, { recursive: true }));
  afterEach(() => vi.unstubAllEnvs());

  /** Lets apt use `sources` and `lines` of configuration in place of the host's sources. */
  function configure(sources: string, lines = ''): void {
    writeFileSync(join(directory, 'test.sources'), sources);
    writeFileSync(
      join(directory, 'apt.conf'),
      `Dir::Etc::SourceList "${directory}/test.sources";\nDir::Etc::SourceParts "/dev/null";\nDir::State::Lists "${directory}";\n${lines}`,
    );
    vi.stubEnv('APT_CONFIG', join(directory, 'apt.conf'));
  }

  it('tells mirror and proxy without network and package lists', async () => {
    writeFileSync(join(directory, 'mirrors'), 'http://listed.example/debian\n');
    configure(`Types: deb\nURIs: mirror+file:${directory}/mirrors\nSuites: trixie\nComponents: main\n`, 'Acquire::http::Proxy "http://proxy.example:8080";\n');
    expect(await aptMirrors()).toEqual({ debian: ['http://listed.example/debian'], 'debian-security': ['http://listed.example/debian-security'] });
    expect(await aptProxy()).toMatchObject({ httpProxy: 'http://proxy.example:8080' });
  });

  it('is not asked where the user names mirrors', async () => {
    configure('Types: deb\nURIs: http://host.example/debian\nSuites: trixie\nComponents: main\n');
    vi.stubEnv('CONTAINER_OS_DEBIAN_MIRROR', 'http://named.example/debian');
    expect((await debianMirrors()).debian).toEqual(['http://named.example/debian']);
  });

  it('that is not there is APT_MIRROR_MISSING, with the way out, and has no proxy', async () => {
    vi.stubEnv('PATH', directory);
    expect(await failure(debianMirrors())).toMatchObject({
      code: 'APT_MIRROR_MISSING',
      message: 'this host has no apt, which would name a mirror of Debian',
      hint: expect.stringContaining('CONTAINER_OS_DEBIAN_MIRROR=http') as string,
    });
    expect(await aptProxy()).toEqual({});
  });

  it('without sources is APT_MIRROR_MISSING, with the way out', async () => {
    configure('');
    expect(await failure(aptMirrors())).toMatchObject({ code: 'APT_MIRROR_MISSING', hint: expect.stringContaining('-c upstream') as string });
  });
});
