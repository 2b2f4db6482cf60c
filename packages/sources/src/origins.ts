import { BuildError } from '@container-os/core';
import { Agent, EnvHttpProxyAgent, type Dispatcher } from 'undici';
import { aptProxy, debianMirrors, type Archive } from './apt-config.ts';
import { mirrorBases, namesProxy, proxyExceptions } from './environment.ts';
import type { SourceFile } from './receipt.ts';

const DEBIAN = /^(debian|debian-security):(.*)$/;

/** Where a file may be. */
export interface Places {
  /** In the order to try them: mirrors by sha256, others that the caller knows, its origin (for Debian: mirrors of its archive). */
  urls: string[];
  /** Why the origin is not among them: no mirror of Debian is known. What a mirror by sha256 has needs none. */
  fault?: BuildError;
}

/** @throws BuildError APT_MIRROR_MISSING where that leaves no place at all; DEBIAN_MIRROR_INVALID */
export async function placesOf({ sha256, origin }: SourceFile, others: readonly string[] = []): Promise<Places> {
  const mirrors = [...mirrorBases().map((base) => `${base}/${sha256}`), ...others];
  const [, archive, path] = DEBIAN.exec(origin) ?? [];
  if (!archive) return { urls: [...mirrors, origin] };
  try {
    return { urls: [...mirrors, ...(await debianMirrors())[archive as Archive].map((base) => `${base}/${path}`)] };
  } catch (error) {
    if (mirrors.length === 0 || !(error instanceof BuildError) || error.code !== 'APT_MIRROR_MISSING') throw error;
    return { urls: mirrors, fault: error };
  }
}

/** Connections by way of the proxy that the environment names; for Debian, the host's apt has the first word. */
export async function dispatcherFor(origin: string): Promise<Dispatcher> {
  const proxy = DEBIAN.test(origin) ? await aptProxy() : {};
  if (Object.keys(proxy).length === 0 && !namesProxy()) return new Agent();
  // Proxies made for apt allow no CONNECT to port 80: plain HTTP goes through them as a plain request.
  const plain = { proxyTunnel: false };
  const direct = 'httpProxy' in proxy || 'httpsProxy' in proxy ? {} : { noProxy: [proxyExceptions(), ...loopbackHosts(origin)].join(',') };
  return new EnvHttpProxyAgent({ ...proxy, ...plain, ...direct });
}

/** What no proxy is asked for, as in curl and Docker: a proxy cannot reach this machine, and would see a credential for it. */
function loopbackHosts(origin: string): string[] {
  const hostname = DEBIAN.test(origin) ? '' : new URL(origin).hostname;
  return ['localhost', '127.0.0.1', '[::1]', ...(hostname.startsWith('127.') ? [hostname] : [])];
}
