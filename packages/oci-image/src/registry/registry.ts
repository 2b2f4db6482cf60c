import { BuildError } from '@container-os/core';
import { fetchAnswer, fetchFile, keepFile, type FetchContext } from '@container-os/sources';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Content } from '../content.ts';
import { ACCEPTED, LONGEST_MANIFEST } from '../manifest.ts';
import { hexOf } from '../reference.ts';
import { authorization } from './authorization.ts';
import { endpointsOf } from './endpoint.ts';

interface Repository {
  registry: string;
  repository: string;
}

/** The blobs of a repository: from the store, from mirrors, from the registry. Source: distribution-spec 1.1. */
export function registryContent(origin: Repository, context: FetchContext): Content {
  const fetch = async (kind: string, digest: string, size: number | undefined): Promise<string> => {
    const { urls, headers } = addressesOf(origin, `${kind}/${digest}`, context);
    const file = {
      name: `${origin.registry}/${origin.repository}@${digest.slice(0, 19)}`,
      sha256: hexOf(digest, origin.repository),
      origin: urls.at(-1) ?? '',
    };
    const limit = size ?? LONGEST_MANIFEST;
    const options = { headers, mirrors: urls.slice(0, -1), limit };
    return fetchFile({ ...file, ...(size === undefined ? {} : { size }) }, context, options).catch((error: unknown) => {
      throw explain(error, origin, digest);
    });
  };
  return {
    origin,
    document: async ({ digest, size }, kind) => readFile(await fetch(kind, digest, size)),
    blob: async ({ digest, size }) => ({ path: await fetch('blobs', digest, size), offset: 0, size }),
  };
}

/** The digest of what a tag names now. Its manifest lies in the store. */
export async function resolveTag(origin: Repository, tag: string, context: FetchContext): Promise<string> {
  const { urls, headers } = addressesOf(origin, `manifests/${tag}`, context);
  const name = `${origin.registry}/${origin.repository}:${tag}`;
  const bytes = await fetchAnswer({ name, urls, limit: LONGEST_MANIFEST, headers }, context).catch((error: unknown) => {
    throw explain(error, origin, tag);
  });
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  await keepFile({ name, sha256 }, bytes, context);
  return `sha256:${sha256}`;
}

function addressesOf(origin: Repository, path: string, context: FetchContext) {
  const endpoints = endpointsOf(origin.registry);
  const accept = path.startsWith('manifests/') ? { accept: ACCEPTED } : {};
  const logins = endpoints.map((endpoint) => ({ endpoint, headers: authorization(endpoint, origin.repository, context) }));
  return {
    urls: endpoints.map(({ base }) => `${base}/${origin.repository}/${path}`),
    headers: async (url: URL, challenge?: string): Promise<Record<string, string>> => {
      const login = logins.find(({ endpoint }) => url.href.startsWith(`${endpoint.base}/`));
      return { ...accept, ...(await login?.headers(url, challenge)) };
    },
  };
}

/** The registry's answer in words of images. */
function explain(error: unknown, { registry, repository }: Repository, what: string): unknown {
  if (!(error instanceof BuildError)) return error;
  const name = `${registry}/${repository}${what.includes(':') ? '@' : ':'}${what}`;
  if (error.code === 'SOURCE_GONE')
    return new BuildError('IMAGE_NOT_FOUND', `${name}: the registry has no such image`, {
      cause: error,
      hint: 'Check name and tag. If a locked image is gone, lock what its tag names now: run the target update-sources.',
    });
  if (error.code === 'ACCESS_DENIED')
    return new BuildError('ACCESS_DENIED', `${name}: ${error.message}`, {
      cause: error.cause ?? error,
      hint: `Check the name: registries deny what is not there, too. If the image is private, log in: docker login ${registry}, or podman login ${registry}.`,
    });
  if (error.code === 'SERVER_BUSY' && error.message.includes('status 429'))
    return new BuildError('SERVER_BUSY', error.message, {
      cause: error,
      hint: `Too many requests. Wait, log in to ${registry} for a higher limit, or name a mirror in CONTAINER_OS_REGISTRY_MIRROR.`,
    });
  return error;
}
