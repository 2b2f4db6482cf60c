import { BuildError } from '@container-os/core';

/** Where the repositories of a registry are asked for. */
export interface Endpoint {
  /** Without a slash at its end: `https://registry-1.docker.io/v2`. */
  base: string;
  /** The name for which credentials are kept: `docker.io`, `127.0.0.1:5000`. */
  host: string;
}

const HUB = 'docker.io';

/**
 * Mirrors of a registry, then the registry itself. A mirror says where bytes come from, never what they are: what is pinned is verified.
 *
 * @throws BuildError REGISTRY_MIRROR_INVALID, REGISTRY_NOT_HTTPS
 */
export function endpointsOf(registry: string): Endpoint[] {
  const host = registry === HUB ? 'registry-1.docker.io' : registry;
  const scheme = isLoopback(host) ? 'http' : 'https';
  return [...mirrorsOf(registry), { base: `${scheme}://${host}/v2`, host: registry }];
}

/** `CONTAINER_OS_REGISTRY_MIRROR`: `<registry>=<URL>`, separated by spaces. A path of the URL stands before each repository. */
function mirrorsOf(registry: string): Endpoint[] {
  const entries = (process.env['CONTAINER_OS_REGISTRY_MIRROR'] ?? '').split(/\s+/).filter(Boolean);
  return entries.flatMap((entry) => {
    const [, of, text = ''] = /^([^=]+)=(https?:\/\/.+)$/.exec(entry) ?? [];
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (of === undefined || !url || url.username !== '' || url.search !== '')
      throw new BuildError('REGISTRY_MIRROR_INVALID', `CONTAINER_OS_REGISTRY_MIRROR has ${JSON.stringify(withoutSecret(entry))}, expected <registry>=<URL>`, {
        hint: 'For example docker.io=https://mirror.example. Credentials belong into the file that docker login writes.',
      });
    if (url.protocol === 'http:' && !isLoopback(url.host))
      throw new BuildError('REGISTRY_NOT_HTTPS', `CONTAINER_OS_REGISTRY_MIRROR has ${entry}: plain http is for this machine only`, { hint: 'Use https.' });
    return of === registry ? [{ base: `${url.origin}/v2${url.pathname.replace(/\/+$/, '')}`, host: url.host }] : [];
  });
}

function withoutSecret(text: string): string {
  return text.replace(/\/\/[^/@]*@/, '//');
}

/** True for a host, with or without a port, that no packet leaves the machine for. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/.test(host);
}
