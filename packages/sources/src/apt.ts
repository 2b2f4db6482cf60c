import { BuildError, cacheDir, run } from '@container-os/core';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pin } from './lock.ts';
import type { SourceFile } from './receipt.ts';

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** Base URLs of the host's Debian mirrors, as its apt is configured; the repository names none. */
async function mirrors(): Promise<{ debian: string; 'debian-security': string }> {
  const { stdout } = await run(['apt-get', 'indextargets', '--format', '$(REPO_URI) $(RELEASE)']);
  const found = stdout.split('\n').map((line) => line.split(' '));
  const base = (wanted: (suite: string, uri: string) => boolean): string | undefined => found.find(([uri, suite]) => uri && suite && wanted(suite, uri))?.[0]?.replace(/\/$/, '');
  const suites = /^(bookworm|trixie|forky|sid|stable|testing|unstable|oldstable)(-updates)?$/;
  const debian = base((suite, uri) => suites.test(suite) && /\/debian\/?$/.test(uri)) ?? base((suite) => suites.test(suite));
  if (!debian) {
    throw new BuildError('APT_MIRROR_MISSING', "the host's apt knows no Debian archive", { hint: 'Add a Debian mirror to /etc/apt/sources.list.d, run apt-get update, or build with -c upstream.' });
  }
  return { debian, 'debian-security': base((suite) => suite.endsWith('-security')) ?? `${debian}-security` };
}

/** The URL of `debian:pool/…` on the host's mirror. */
export async function debianUrls(origin: string): Promise<string[]> {
  const [archive, path] = origin.split(':') as ['debian' | 'debian-security', string];
  return [`${(await mirrors())[archive]}/${path}`];
}

/**
 * The version of a package that its suite has now, with the libraries it needs, as apt verified them.
 * Uses apt state of its own under the cache directory: nothing of the host's is touched.
 */
export async function resolvePackage(wanted: NonNullable<Pin['debian']>, logFile?: string): Promise<{ version: string; files: SourceFile[] }> {
  const apt = await privateApt(wanted.suite, logFile);
  if (wanted.kind === 'source') {
    const files = (await apt.uris(['apt-get', 'source', '--download-only', '--print-uris', wanted.package])).filter(({ name }) => /\.orig\.tar\.\w+$/.test(name));
    const version = /_([^_]+)\.orig\.tar/.exec(files[0]?.name ?? '')?.[1];
    if (!version) throw missing(wanted);
    return { version, files };
  }
  const { stdout } = await apt.run(['apt-cache', 'depends', '--recurse', '--no-recommends', '--no-suggests', '--no-conflicts', '--no-breaks', '--no-replaces', '--no-enhances', wanted.package]);
  const needed = stdout.split('\n').filter((line) => /^lib[\w.+-]+$/.test(line) && line !== wanted.package).sort();
  const all = wanted.package.startsWith('linux-') ? [wanted.package] : [wanted.package, ...needed];
  const files = await apt.uris(['apt-get', 'download', '--print-uris', ...all]);
  const own = files.find(({ name }) => name.startsWith(`${wanted.package}_`));
  const version = own?.name.split('_')[1];
  if (!version) throw missing(wanted);
  return { version: decodeURIComponent(version), files };
}

function missing({ package: name, suite }: NonNullable<Pin['debian']>): BuildError {
  return new BuildError('PACKAGE_MISSING', `${suite} has no package "${name}"`, { hint: 'Correct package or suite in the lock file.' });
}

async function privateApt(suite: string, logFile: string | undefined): Promise<{ run: typeof run; uris(argv: [string, ...string[]]): Promise<SourceFile[]> }> {
  const bases = await mirrors();
  const archive = suite.endsWith('-security') ? 'debian-security' : 'debian';
  const home = cacheDir('apt', suite);
  await mkdir(join(home, 'lists', 'partial'), { recursive: true });
  await mkdir(join(home, 'archives', 'partial'), { recursive: true });
  await writeFile(join(home, 'suite.sources'), `Types: deb deb-src\nURIs: ${bases[archive]}\nSuites: ${suite}\nComponents: main\nSigned-By: ${KEYRING}\n`);
  await writeFile(join(home, 'status'), '');
  const settings: Record<string, string> = {
    'Dir::Etc::SourceList': join(home, 'suite.sources'),
    'Dir::Etc::SourceParts': '/dev/null',
    'Dir::State::Lists': join(home, 'lists'),
    'Dir::State::status': join(home, 'status'),
    'Dir::Cache': home,
    'APT::Sandbox::User': 'root',
  };
  const options = Object.entries(settings).map(([name, value]) => `--option=${name}=${value}`);
  const aptRun: typeof run = ([program, ...args], more) => run([program, ...options, ...args], { ...more, ...(logFile ? { logFile } : {}) });
  await aptRun(['apt-get', 'update', '--quiet']);
  return {
    run: aptRun,
    async uris(argv) {
      const { stdout } = await aptRun(argv);
      // 'http://mirror/debian/pool/main/r/runc/runc_1.3.6.deb' runc_1.3.6.deb 6707796 SHA256:…
      return [...stdout.matchAll(/^'([^']+)' (\S+) (\d+) SHA256:([0-9a-f]{64})/gm)].map(([, url = '', name = '', size, sha256 = '']) => ({
        name: decodeURIComponent(name),
        sha256,
        size: Number(size),
        origin: `${archive}:${url.slice((bases[archive] ?? '').length + 1)}`,
      }));
    },
  };
}
