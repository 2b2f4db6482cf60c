// These say where bytes are fetched, never what they are: every file is verified.

/** `CONTAINER_OS_OFFLINE=1`: nothing is fetched, the store must have it. */
export function isOffline(): boolean {
  return process.env['CONTAINER_OS_OFFLINE'] === '1';
}

/**
 * `CONTAINER_OS_MIRROR`: base URLs, separated by spaces, that are asked before an origin. A mirror serves
 * files by their sha256, `<base>/<sha256>`: any web server over another machine's `store/sha256` is one.
 */
export function mirrorBases(): string[] {
  return (process.env['CONTAINER_OS_MIRROR'] ?? '')
    .split(/\s+/)
    .filter(Boolean)
    .map((base) => base.replace(/\/+$/, ''));
}

/**
 * `CONTAINER_OS_DEBIAN_MIRROR`: base URLs of Debian's archive, separated by spaces, in place of those of the host's apt. The pins decide the
 * bytes: no hash and no receipt has the mirror.
 */
export function debianMirrorBases(): string[] {
  return (process.env['CONTAINER_OS_DEBIAN_MIRROR'] ?? '').split(/\s+/).filter(Boolean);
}

/** Whether the environment names a proxy, in the variables that curl and undici know. */
export function namesProxy(): boolean {
  // eslint-disable-next-line no-restricted-syntax -- no part of the build, as said above
  return ['http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY'].some((name) => process.env[name]);
}

/** Hosts for which the environment wants no proxy. */
export function proxyExceptions(): string {
  // eslint-disable-next-line no-restricted-syntax -- no part of the build, as said above
  return process.env['no_proxy'] ?? process.env['NO_PROXY'] ?? '';
}
