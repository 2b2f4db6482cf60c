import { BuildError, run } from '@container-os/core';
import { readFile } from 'node:fs/promises';
import { debianMirrorBases } from './environment.ts';
import { redact } from './transfer.ts';

/** Debian's two archives. */
export type Archive = 'debian' | 'debian-security';

/** Base URLs of each archive, best first; never empty. */
export type Mirrors = Record<Archive, string[]>;

/**
 * Mirrors of Debian: those of `CONTAINER_OS_DEBIAN_MIRROR`, else those of the host's apt. The repository names none. Neither package lists
 * nor network nor root are needed.
 *
 * @throws BuildError APT_MIRROR_MISSING, DEBIAN_MIRROR_INVALID.
 */
export async function debianMirrors(): Promise<Mirrors> {
  const named = debianMirrorBases();
  return named.length > 0 ? namedMirrors(named) : aptMirrors();
}

/**
 * Mirrors of both archives among the base URLs that a user names: one of `debian-security` is known by its path.
 *
 * @throws BuildError DEBIAN_MIRROR_INVALID.
 */
export function namedMirrors(bases: readonly string[]): Mirrors {
  const paths = bases.map((base, index) => {
    if (URL.canParse(base) && /^https?:$/.test(new URL(base).protocol)) return base.replace(/\/+$/, '');
    // It may hold a password in a form that no rule finds.
    throw invalid(`its URL ${index + 1} is none of http or https`);
  });
  const [security, debian] = [paths.filter(isSecurity), paths.filter((base) => !isSecurity(base))];
  if (debian.length === 0) throw invalid(`it names ${security.map(redact).join(' ')}, and no mirror of the archive "debian"`);
  return { debian, 'debian-security': security.length > 0 ? security : debian.map(securityBeside) };
}

function invalid(fault: string): BuildError {
  return new BuildError('DEBIAN_MIRROR_INVALID', `CONTAINER_OS_DEBIAN_MIRROR: ${fault}`, {
    hint: 'Set it to the base URL of a mirror, as in http://HOST/debian. A second one, http://HOST/debian-security, is for the security archive.',
  });
}

const isSecurity = (base: string): boolean => /debian-security(\/|$)/.test(new URL(base).pathname);

/** By Debian's convention, a mirror has both archives side by side; the snapshot archive has a time after the archive's name. */
function securityBeside(base: string): string {
  return /\/debian\/[^/]+$/.test(base) ? base.replace(/\/debian(\/[^/]+)$/, '/debian-security$1') : `${base}-security`;
}

/** The host's Debian mirrors, as its apt is configured. */
export async function aptMirrors(): Promise<Mirrors> {
  const stdout = await askApt(['apt-get', 'update', '--print-uris']);
  if (stdout === undefined) throw mirrorMissing('this host has no apt, which would name a mirror of Debian');
  // Debian's cloud images name a file that lists mirrors.
  const lists = new Map<string, string>();
  for (const [, uri = '', file = ''] of stdout.matchAll(/^'(mirror\+file:([^']+))\/dists\//gm)) lists.set(uri, await readFile(file, 'utf8'));
  return findMirrors(stdout, lists);
}

/** What a program of apt prints; undefined on a host without apt. */
async function askApt(argv: [string, ...string[]]): Promise<string | undefined> {
  try {
    return (await run(argv)).stdout;
  } catch (error) {
    if (error instanceof BuildError && error.code === 'HOST_TOOL_MISSING') return undefined;
    throw error;
  }
}

function mirrorMissing(fault: string): BuildError {
  return new BuildError('APT_MIRROR_MISSING', fault, {
    hint:
      'Name one: CONTAINER_OS_DEBIAN_MIRROR=http://HOST/debian (https://www.debian.org/mirror/list has all). ' +
      'Or build from upstream sources: nx run <image>:iso -c upstream.',
  });
}

const CODE_NAME = /^(bookworm|trixie|forky|duke|sid)(-|$)/;
/** Suites of Debian by code name or status. */
const SUITE = /^(bookworm|trixie|forky|duke|sid|(old)*stable|testing|unstable)(-updates|-backports|-proposed-updates)?$/;
const SECURITY = /^(bookworm|trixie|forky|duke|(old)*stable|testing)-security$/;

/**
 * Debian's mirrors among what `apt-get update --print-uris` would fetch. Others' repositories use names of suites too, but have fewer: one
 * that has nothing but `stable`, as on many a Ubuntu, is no mirror. `lists` holds the content of the file that a URI `mirror+file:…` names.
 *
 * @throws BuildError APT_MIRROR_MISSING.
 */
export function findMirrors(uris: string, lists: ReadonlyMap<string, string> = new Map()): Mirrors {
  const suites = [...uris.matchAll(/^'([^']+)\/dists\/([^/']+)\/InRelease'/gm)].flatMap(([, uri = '', suite = '']) =>
    expand(uri, lists).map((base) => ({ base, suite })),
  );
  const named = suites.filter(({ suite }) => SUITE.test(suite));
  const isMirror = (base: string): boolean => {
    const own = named.filter((one) => one.base === base);
    return own.length > 1 || own.some(({ suite }) => CODE_NAME.test(suite)) || base.endsWith('/debian');
  };
  const debian = mostFrequent(named.map(({ base }) => base).filter(isMirror));
  const security = mostFrequent(suites.filter(({ suite }) => SECURITY.test(suite)).map(({ base }) => base));
  if (debian.length === 0) {
    const seen = suites.map(({ base, suite }) => `${redact(base)} ${suite}`).join(', ') || 'no repository by http';
    throw mirrorMissing(`the host's apt has no mirror of Debian's archive (configured: ${seen})`);
  }
  return { debian, 'debian-security': security.length > 0 ? security : debian.map(securityBeside) };
}

function expand(uri: string, lists: ReadonlyMap<string, string>): string[] {
  const found = lists
    .get(uri)
    ?.split('\n')
    .map((line) => line.replace(/[#\s].*$/, '')) ?? [uri];
  return found.filter((base) => /^https?:/.test(base)).map((base) => base.replace(/\/+$/, ''));
}

function mostFrequent(values: readonly string[]): string[] {
  const count = (value: string): number => values.filter((one) => one === value).length;
  return [...new Set(values)].sort((a, b) => count(b) - count(a));
}

/** The proxies of apt's configuration, in undici's words; only what is set there, and nothing on a host without apt. */
export async function aptProxy(): Promise<{ httpProxy?: string; httpsProxy?: string; noProxy?: string }> {
  return findProxy((await askApt(['apt-config', 'dump', '--no-empty', '--format', '%f=%v%n', 'Acquire'])) ?? '');
}

/** The proxies in lines of `apt-config dump --format '%f=%v%n'`. */
export function findProxy(dump: string): { httpProxy?: string; httpsProxy?: string; noProxy?: string } {
  const settings = [...dump.matchAll(/^Acquire::(https?)::proxy(?:::([^=]+))?=(.+)$/gim)].map(([, scheme, host, value = '']) => ({ scheme, host, value }));
  const proxyOf = (wanted: string): string | undefined =>
    settings.find(({ scheme, host }) => scheme === wanted && host === undefined)?.value.replace(/^DIRECT$/i, '');
  const direct = settings.filter(({ host, value }) => host !== undefined && /^DIRECT$/i.test(value)).map(({ host }) => host);
  const [http, https] = [proxyOf('http'), proxyOf('https')];
  return {
    ...(http === undefined ? {} : { httpProxy: http }),
    ...(https === undefined ? {} : { httpsProxy: https }),
    ...(direct.length > 0 ? { noProxy: direct.join(',') } : {}),
  };
}
