import { BuildError, run } from '@container-os/core';
import { readFile } from 'node:fs/promises';

/** Debian's two archives. */
export type Archive = 'debian' | 'debian-security';

/** Base URLs of each archive, best first; never empty. */
export type Mirrors = Record<Archive, string[]>;

/**
 * The host's Debian mirrors, as its apt is configured: the repository names none. Neither package lists
 * nor network nor root are needed.
 */
export async function aptMirrors(): Promise<Mirrors> {
  const { stdout } = await run(['apt-get', 'update', '--print-uris']);
  // Debian's cloud images name a file that lists mirrors.
  const lists = new Map<string, string>();
  for (const [, uri = '', file = ''] of stdout.matchAll(/^'(mirror\+file:([^']+))\/dists\//gm)) lists.set(uri, await readFile(file, 'utf8'));
  return findMirrors(stdout, lists);
}

/** Suites of Debian by code name or status. Others' repositories use such names too, but have fewer. */
const SUITE = /^(bookworm|trixie|forky|duke|sid|(old)*stable|testing|unstable)(-updates|-backports|-proposed-updates)?$/;

/**
 * Debian's mirrors among what `apt-get update --print-uris` would fetch. `lists` holds the content of
 * the file that a URI `mirror+file:…` names.
 *
 * @throws BuildError APT_MIRROR_MISSING.
 */
export function findMirrors(uris: string, lists: ReadonlyMap<string, string> = new Map()): Mirrors {
  const suites = [...uris.matchAll(/^'([^']+)\/dists\/([^/']+)\/InRelease'/gm)].flatMap(([, uri = '', suite = '']) =>
    expand(uri, lists).map((base) => ({ base, suite })),
  );
  const debian = mostFrequent(suites.filter(({ suite }) => SUITE.test(suite)).map(({ base }) => base));
  const security = mostFrequent(suites.filter(({ suite }) => suite.endsWith('-security')).map(({ base }) => base));
  if (debian.length === 0) {
    const seen = suites.map(({ base, suite }) => `${base} ${suite}`).join(', ') || 'no repository by http';
    throw new BuildError('APT_MIRROR_MISSING', `the host's apt has no mirror of Debian's archive (configured: ${seen})`, {
      hint: 'Add a mirror to /etc/apt/sources.list.d, or build from upstream sources: nx run <image>:iso -c upstream.',
    });
  }
  // By Debian's convention, a mirror has both archives side by side.
  return { debian, 'debian-security': security.length > 0 ? security : debian.map((base) => `${base}-security`) };
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

/** The proxies of apt's configuration, in undici's words; only what is set there. */
export async function aptProxy(): Promise<{ httpProxy?: string; httpsProxy?: string; noProxy?: string }> {
  const { stdout } = await run(['apt-config', 'dump', '--no-empty', '--format', '%f=%v%n', 'Acquire']);
  return findProxy(stdout);
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
