import { Agent, EnvHttpProxyAgent, type Dispatcher } from 'undici';
import { aptMirrors, aptProxy, type Archive } from './apt-config.ts';
import { mirrorBases, namesProxy } from './environment.ts';
import type { SourceFile } from './receipt.ts';

const DEBIAN = /^(debian|debian-security):(.*)$/;

/** The URLs of a file, in the order to try them: mirrors by sha256, `others`, then its origin (for Debian: the host's apt mirrors). */
export async function urlsOf({ sha256, origin }: SourceFile, others: readonly string[] = []): Promise<string[]> {
  const mirrors = [...mirrorBases().map((base) => `${base}/${sha256}`), ...others];
  const [, archive, path] = DEBIAN.exec(origin) ?? [];
  if (!archive) return [...mirrors, origin];
  return [...mirrors, ...(await aptMirrors())[archive as Archive].map((base) => `${base}/${path}`)];
}

/** Connections by way of the proxy that the environment names; for Debian, the host's apt has the first word. */
export async function dispatcherFor(origin: string): Promise<Dispatcher> {
  const proxy = DEBIAN.test(origin) ? await aptProxy() : {};
  if (Object.keys(proxy).length === 0 && !namesProxy()) return new Agent();
  // Proxies made for apt allow no CONNECT to port 80: plain HTTP goes through them as a plain request.
  const plain = { proxyTunnel: false };
  return new EnvHttpProxyAgent({ ...proxy, ...plain });
}
