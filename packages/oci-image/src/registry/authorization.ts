import { BuildError } from '@container-os/core';
import { fetchAnswer, type FetchContext, type HeadersOf } from '@container-os/sources';
import { findCredential, type Credential } from './credentials.ts';
import { isLoopback, type Endpoint } from './endpoint.ts';

/** Bytes of a token service's answer. */
const LONGEST_TOKEN = 64 << 10;

/** By base URL and repository: what the registry took last. It is forgotten with the process. */
const accepted = new Map<string, string>();

/**
 * The header Authorization for a repository: none until the registry asks for it. A credential goes to the host for which it is kept, and to the
 * token service that this host names by https; a token to the host alone.
 *
 * Source: distribution-spec 1.1 with docs.docker.com's registry token authentication; RFC 7235 for challenges.
 */
export function authorization(endpoint: Endpoint, repository: string, context: FetchContext): HeadersOf {
  const key = `${endpoint.base} ${repository}`;
  return async (url, challenge) => {
    if (url.origin !== new URL(endpoint.base).origin) return {};
    if (challenge !== undefined) {
      const answer = await answerTo(challenge, endpoint, repository, context);
      if (answer === undefined) accepted.delete(key);
      else accepted.set(key, answer);
    }
    const authorization = accepted.get(key);
    return authorization === undefined ? {} : { authorization };
  };
}

async function answerTo(challenge: string, endpoint: Endpoint, repository: string, context: FetchContext): Promise<string | undefined> {
  const { scheme, parameters } = parseChallenge(challenge);
  const credential = await findCredential(endpoint.host, repository, context);
  if (scheme === 'basic') return credential && 'user' in credential ? basic(credential) : undefined;
  if (scheme === 'bearer') return `Bearer ${await fetchToken(parameters, credential, endpoint, repository, context)}`;
  throw new BuildError('REGISTRY_AUTH_UNSUPPORTED', `${endpoint.host} wants an authentication of scheme ${JSON.stringify(scheme)}, expected Bearer or Basic`, {
    hint: 'Pull the image with another program, and name it as an archive or OCI layout.',
  });
}

function basic({ user, password }: { user: string; password: string }): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

/** The first challenge of a field WWW-Authenticate that we know. */
function parseChallenge(field: string): { scheme: string; parameters: Record<string, string> } {
  const known = /\b(bearer|basic)\b(?:\s+(.*))?$/is.exec(field);
  const scheme = (known?.[1] ?? field.split(' ')[0] ?? '').toLowerCase();
  const parameters = [...(known?.[2] ?? '').matchAll(/(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/g)];
  return {
    scheme,
    parameters: Object.fromEntries(parameters.map(([, name = '', quoted, plain]) => [name.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? plain ?? ''])),
  };
}

async function fetchToken(
  { realm = '', service }: Record<string, string>,
  credential: Credential | undefined,
  endpoint: Endpoint,
  repository: string,
  context: FetchContext,
): Promise<string> {
  const url = realmOf(realm, endpoint);
  const scope = `repository:${scopeOf(endpoint)}${repository}:pull`;
  const asked = { ...(service === undefined ? {} : { service }), scope };
  const question = { name: `a token of ${endpoint.host}`, limit: LONGEST_TOKEN };
  const byIdentity = credential && 'identityToken' in credential ? credential.identityToken : undefined;
  if (!byIdentity) for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value);
  const form = new URLSearchParams({ grant_type: 'refresh_token', client_id: 'container-os', refresh_token: byIdentity ?? '', ...asked });
  const headers: HeadersOf = () => Promise.resolve(credential && 'user' in credential ? { authorization: basic(credential) } : {});
  const answer = await fetchAnswer({ ...question, urls: [url.href], headers, ...(byIdentity ? { form: form.toString() } : {}) }, context).catch(
    (error: unknown) => {
      if (error instanceof BuildError && ['ACCESS_DENIED', 'HTTP_ERROR', 'SOURCE_GONE'].includes(error.code)) throw denied(url, endpoint, credential, error);
      throw error;
    },
  );
  const { token, access_token } = parseAnswer(answer);
  const found = token ?? access_token;
  if (typeof found === 'string' && /^[\x21-\x7e]+$/.test(found)) return found;
  // The answer may hold a secret: it is not shown.
  throw new BuildError('REGISTRY_TOKEN_INVALID', `${url.origin}${url.pathname}: the answer has no token`, {
    hint: `It is the token service that ${endpoint.host} names. Try again later.`,
  });
}

/** A mirror's path stands before the repository. */
function scopeOf({ base }: Endpoint): string {
  const path = new URL(base).pathname.replace(/^\/v2\/?/, '');
  return path === '' ? '' : `${path}/`;
}

function realmOf(realm: string, { host, base }: Endpoint): URL {
  const url = URL.canParse(realm) ? new URL(realm) : undefined;
  const local = url?.protocol === 'http:' && isLoopback(url.host) && isLoopback(new URL(base).host);
  if (url && url.username === '' && (url.protocol === 'https:' || local)) return url;
  throw new BuildError('REGISTRY_NOT_HTTPS', `${host} names the token service ${JSON.stringify(realm)}, expected an https URL`, {
    hint: 'A credential goes over https only. Tell those who run the registry.',
  });
}

function denied(url: URL, { host }: Endpoint, credential: Credential | undefined, cause: BuildError): BuildError {
  const which = credential ? `the credential for ${host} in ${credential.from}` : 'a request without a credential';
  return new BuildError('ACCESS_DENIED', `${url.origin}${url.pathname}, the token service of ${host}, refuses ${which}: ${cause.message.split(': ').at(-1)}`, {
    cause,
    hint: `Log in: docker login ${host}, or podman login ${host}.`,
  });
}

function parseAnswer(bytes: Buffer): { token?: unknown; access_token?: unknown } {
  try {
    return (JSON.parse(bytes.toString('utf8')) ?? {}) as { token?: unknown };
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}
