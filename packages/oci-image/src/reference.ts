import { BuildError } from '@container-os/core/errors';

/** An image in a registry. Source: docs.docker.com, reference/cli/docker/image/tag; its grammar is that of github.com/distribution/reference. */
export interface RegistryReference {
  kind: 'registry';
  /** `docker.io`, `localhost:5000` */
  registry: string;
  /** `library/nginx` */
  repository: string;
  /** What it says, else `latest`; it says nothing where there is a digest. */
  tag: string;
  digest?: string;
  /** The whole name: `docker.io/library/nginx:1.27`. */
  name: string;
}

/** An image in a directory or an archive. Source: containers-transports(5). */
export interface LocalReference {
  kind: 'oci' | 'oci-archive' | 'docker-archive';
  /** As it is said, relative to the folder of the OS image: `./images/web`. */
  path: string;
  /** Which image there, where it has several. */
  ref?: string;
  name: string;
}

export type ImageReference = RegistryReference | LocalReference;

const HUB = 'docker.io';
const LOCAL = /^(oci|oci-archive|docker-archive):([^:]+)(?::(.+))?$/;
const HOST = /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[0-9a-fA-F:]+\])(?::\d+)?$/;
const COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;

/**
 * What an image is called: by Docker's rules (a name without host is Docker Hub's, and without tag is `latest`), or by a transport for local ones.
 *
 * @throws BuildError IMAGE_REFERENCE_INVALID
 *
 * @example
 * parseReference('nginx:1.27').name; // 'docker.io/library/nginx:1.27'
 * parseReference('oci:./images/web'); // { kind: 'oci', path: './images/web', name: 'oci:./images/web' }
 */
export function parseReference(text: string): ImageReference {
  const [, kind, path = '', ref] = LOCAL.exec(text) ?? [];
  if (kind) return { kind: kind as LocalReference['kind'], path, ...(ref === undefined ? {} : { ref }), name: text };
  const invalid = (what: string): BuildError =>
    new BuildError('IMAGE_REFERENCE_INVALID', `image ${JSON.stringify(text)}: ${what}`, { hint: 'Write it as [host[:port]/]name[:tag][@sha256:digest].' });
  const at = text.indexOf('@');
  const digest = at < 0 ? undefined : text.slice(at + 1);
  if (digest !== undefined && !DIGEST.test(digest)) throw invalid(`digest ${JSON.stringify(digest)}, expected sha256: and 64 lower-case hex digits`);
  const tagged = at < 0 ? text : text.slice(0, at);
  const colon = tagged.indexOf(':', tagged.lastIndexOf('/') + 1);
  const tag = colon < 0 ? undefined : tagged.slice(colon + 1);
  if (tag !== undefined && !TAG.test(tag)) throw invalid(`tag ${JSON.stringify(tag)}, expected up to 128 letters, digits, "_", "." and "-"`);
  const { registry, repository } = splitHost(colon < 0 ? tagged : tagged.slice(0, colon));
  if (!HOST.test(registry)) throw invalid(`host ${JSON.stringify(registry)} is none`);
  const wrong = repository.split('/').find((component) => !COMPONENT.test(component));
  if (wrong !== undefined) throw invalid(`${JSON.stringify(wrong)} in its name, expected lower-case letters and digits with ".", "_" or "-" between them`);
  if (repository.length > 255) throw invalid(`its name has ${repository.length} characters, expected 255 at most`);
  const shown = `${tag === undefined && digest !== undefined ? '' : `:${tag ?? 'latest'}`}${digest === undefined ? '' : `@${digest}`}`;
  const name = `${registry}/${repository}${shown}`;
  return { kind: 'registry', registry, repository, tag: tag ?? 'latest', ...(digest === undefined ? {} : { digest }), name };
}

/** The first part is a host where it looks like one: it has a dot, a port or a capital letter, or is `localhost`. */
function splitHost(name: string): { registry: string; repository: string } {
  const slash = name.indexOf('/');
  const first = name.slice(0, Math.max(slash, 0));
  const isHost = /[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase();
  const registry = !isHost || first === 'index.docker.io' ? HUB : first;
  const repository = isHost ? name.slice(slash + 1) : name;
  return { registry, repository: registry === HUB && !repository.includes('/') ? `library/${repository}` : repository };
}

/** The hex part of a digest, by which the store names a file. */
export function hexOf(digest: string, place: string): string {
  if (DIGEST.test(digest)) return digest.slice('sha256:'.length);
  throw new BuildError('DIGEST_INVALID', `${place}: digest ${JSON.stringify(digest)}, expected sha256: and 64 lower-case hex digits`, {
    hint: 'Only sha256 is supported: have the image pushed again by its builder.',
  });
}
