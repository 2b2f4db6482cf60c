import { BuildError, cacheDir, run } from '@container-os/core';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { debianMirrors, type Archive } from './apt-config.ts';
import { isOffline } from './environment.ts';
import { exclusively } from './exclusive.ts';
import type { FetchContext } from './fetch.ts';
import { neededLibraries } from './libraries.ts';
import type { DebianPackage, Pin } from './lock.ts';
import type { SourceFile } from './receipt.ts';
import { redact } from './transfer.ts';

/** The only trust anchor: whatever mirror answers, its index must be signed by Debian. */
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

export type Current = Pick<Pin, 'version' | 'files'>;

export type PackageResolver = (wanted: DebianPackage, context: FetchContext & { logFile?: string }) => Promise<Current>;

/**
 * Looks packages up in Debian's suites as they are now, by an apt whose state is under the cache directory:
 * nothing of the host's is touched, no root is needed. Each suite's index is fetched once.
 *
 * @example
 * const lookUp = packageResolver();
 * const { version, files } = await lookUp({ package: 'runc', suite: 'sid', kind: 'program' }, context);
 */
export function packageResolver(): PackageResolver {
  const updated = new Map<string, Promise<Apt>>();
  return async (wanted, context) => {
    if (isOffline())
      throw new BuildError('OFFLINE', `CONTAINER_OS_OFFLINE is 1: ${wanted.package} cannot be looked up in ${wanted.suite}`, {
        hint: 'Unset CONTAINER_OS_OFFLINE.',
      });
    const index = `${wanted.suite}-${wanted.kind === 'source' ? 'deb-src' : 'deb'}`;
    const apt = await (updated.get(index) ?? updated.set(index, privateApt(wanted, index, context)).get(index)!);
    return wanted.kind === 'source' ? currentSource(wanted, apt) : currentPackage(wanted, apt, context);
  };
}

async function currentSource(wanted: DebianPackage, { uris }: Apt): Promise<Current> {
  const files = (await uris(['apt-get', 'source', '--download-only', '--print-uris', wanted.package])).filter(({ name }) => /\.orig\.tar\.\w+$/.test(name));
  const version = /_([^_]+)\.orig\.tar/.exec(files[0]?.name ?? '')?.[1];
  if (!version) throw missing(wanted);
  return { version, files };
}

async function currentPackage(wanted: DebianPackage, apt: Apt, context: FetchContext): Promise<Current> {
  const [file] = await apt.uris(['apt-get', 'download', '--print-uris', wanted.package]);
  const version = file?.name.split('_')[1];
  if (!file || !version) throw missing(wanted);
  if (wanted.kind === 'archive') return { version, files: [file, ...(await besides(wanted, apt))] };
  const { stdout } = await apt.run(['apt-cache', 'depends', '--recurse', '--important', wanted.package]);
  // Shared libraries are in packages named after them: Debian Policy, 8.1.
  const libraries = [...new Set(stdout.split('\n').filter((line) => /^lib\S+$/.test(line) && line !== wanted.package))].sort();
  const candidates = libraries.length > 0 ? await apt.uris(['apt-get', 'download', '--print-uris', ...libraries]) : [];
  return { version, files: [file, ...(await neededLibraries(file, candidates, context))] };
}

/** The packages that an archive is pinned with, each of them. */
async function besides({ with: names = [], suite }: DebianPackage, { uris }: Apt): Promise<SourceFile[]> {
  if (names.length === 0) return [];
  const files = await uris(['apt-get', 'download', '--print-uris', ...names]);
  const gone = names.find((name) => !files.some((file) => file.name.startsWith(`${name}_`)));
  if (gone !== undefined) throw missing({ package: gone, suite });
  return files;
}

function missing({ package: name, suite }: Pick<DebianPackage, 'package' | 'suite'>): BuildError {
  return new BuildError('PACKAGE_MISSING', `${suite} has no package "${name}"`, { hint: 'Correct package or suite in the lock file.' });
}

interface Apt {
  run: typeof run;
  /** The files that a command with `--print-uris` would fetch, sorted by name, with the sha256 of apt's signed index. */
  uris(argv: [string, ...string[]]): Promise<SourceFile[]>;
}

async function privateApt({ suite, kind }: DebianPackage, index: string, context: FetchContext & { logFile?: string }): Promise<Apt> {
  const archive: Archive = suite.endsWith('-security') ? 'debian-security' : 'debian';
  const [mirror = ''] = (await debianMirrors())[archive];
  const { base, login } = loginOf(mirror);
  const home = cacheDir('apt', index);
  const config = join(home, 'apt.conf');
  const logged = context.logFile ? { logFile: context.logFile } : {};
  const apt: Apt = {
    run: ([program, ...args], more) => run([program, `--config-file=${config}`, ...args], { signal: context.signal, ...logged, ...more }),
    async uris(argv) {
      // Exit code 100 of an unknown package, too: the caller names it.
      const { stdout } = await apt.run(argv, { allow: [0, 100] });
      // 'http://mirror/debian/pool/main/r/runc/runc_1.3.6.deb' runc_1.3.6.deb 6707796 SHA256:…
      const found = [...stdout.matchAll(/^'([^']+)' (\S+) (\d+) SHA256:([0-9a-f]{64})/gm)].map(([, url = '', name = '', size, sha256 = '']): SourceFile => ({
        name: decodeURIComponent(name),
        sha256,
        size: Number(size),
        origin: `${archive}:${url.slice(base.length + 1)}`,
      }));
      return found.sort((a, b) => (a.name < b.name ? -1 : 1));
    },
  };
  await mkdir(join(home, 'lists', 'partial'), { recursive: true });
  await exclusively(home, context, async () => {
    await writeFile(
      join(home, 'suite.sources'),
      `Types: ${kind === 'source' ? 'deb-src' : 'deb'}
URIs: ${base}
Suites: ${suite}
Components: main
Targets: ${kind === 'source' ? 'Sources' : 'Packages'}
Signed-By: ${KEYRING}
`,
    );
    await rm(join(home, LOGIN), { force: true });
    if (login) await writeFile(join(home, LOGIN), login, { mode: 0o600 });
    await writeFile(config, aptConfig(home) + (login ? `Dir::Etc::netrc "${home}/${LOGIN}";\n` : ''));
    await context.log
      .step(`update the index of ${suite}`, () => apt.run(['apt-get', 'update', '--quiet']))
      .catch((cause: unknown) => {
        if (!(cause instanceof BuildError) || cause.code !== 'COMMAND_FAILED') throw cause;
        throw new BuildError('APT_UPDATE_FAILED', `apt cannot get a signed index of ${suite} from ${redact(base)}\n${cause.message}`, {
          ...logged,
          hint: "Check the network, CONTAINER_OS_DEBIAN_MIRROR, and the mirror and proxy in the host's apt configuration.",
        });
      });
  });
  return apt;
}

/** In the directory of the private apt: apt shows URLs, but nothing of this file. */
const LOGIN = 'auth.conf';

/** A mirror's URL without user and password, and those in the form of apt_auth.conf(5). */
function loginOf(mirror: string): { base: string; login?: string } {
  const { protocol, host, username, password } = new URL(mirror);
  const base = redact(mirror);
  if (username === '') return { base };
  return { base, login: `machine ${protocol}//${host} login ${decodeURIComponent(username)} password ${decodeURIComponent(password)}\n` };
}

/** Read after the host's configuration, whose proxies and certificates stay. */
function aptConfig(home: string): string {
  return `Dir::Etc::SourceList "${home}/suite.sources";
Dir::Etc::SourceParts "/dev/null";
Dir::State "${home}";
Dir::State::Lists "${home}/lists";
Dir::State::status "/dev/null";
Dir::Cache "${home}";
APT::Architecture "amd64";
#clear APT::Architectures;
APT::Architectures { "amd64"; };
APT::Sandbox::User "root";
APT::Update::Error-Mode "any";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
`;
}
