import { BuildError } from '@container-os/core/errors';
import { imagesOf } from '@container-os/oci-image/dockerfile';
import { join, relative } from 'node:path/posix';
import type { Texts } from './texts.ts';
import type { PlaceOf } from './x-os.ts';

/** `build` of a service in the reference's form: the context is a path from the root of the file system, or the address of a repository. */
export interface Build {
  context?: string;
  dockerfile?: string;
  dockerfile_inline?: string;
  /** Without those that have no value: no variable of the machine gets into a build. */
  args?: Record<string, string>;
  target?: string;
  network?: string;
}

/** The image that is built for a service. */
export interface ServiceBuild {
  /** Of the executor `oci-build`. */
  options: Record<string, unknown>;
  /** The images of registries that its Dockerfile names. */
  images: string[];
}

const FOLLOWED = ['context', 'dockerfile', 'dockerfile_inline', 'args', 'target', 'network'];

/**
 * What `x-os: { build: buildah }` makes of the service's `build`.
 *
 * @throws BuildError BUILD_UNSUPPORTED, and those of imagesOf
 */
export function buildOf(
  service: string,
  build: Build | undefined,
  { directory, workspaceRoot, texts, placeOf }: { directory: string; workspaceRoot: string; texts: Texts; placeOf: PlaceOf },
): ServiceBuild {
  const refuse = (what: string, hint: string, ...key: string[]): never => {
    const path = ['services', service, 'build', ...key];
    throw new BuildError('BUILD_UNSUPPORTED', `${placeOf(path)}: ${path.join('.')}: ${what}`, { hint });
  };
  if (!build) return refuse('x-os.build is set, and the service has no such key', 'Say what to build: build: { context: . }');
  const { context = '', dockerfile, dockerfile_inline: dockerfileInline, args = {}, target, network } = build;
  const other = Object.keys(build).find((key) => !FOLLOWED.includes(key));
  if (other) refuse('the OS does not follow the key', `Remove it. Those that it follows: ${FOLLOWED.join(', ')}.`, other);
  if (!`${context}/`.startsWith(`${workspaceRoot}/`)) refuse(`${context} is not in the workspace`, 'Build from a directory of the workspace.', 'context');
  if (network !== undefined && !['none', 'host'].includes(network))
    refuse(`expected none or host, got ${JSON.stringify(network)}`, 'RUN has no network, or that of the machine that builds.', 'network');
  const text = dockerfileInline ?? texts.read(join(context, dockerfile ?? 'Dockerfile'));
  const options = {
    context: relative(directory, context) || '.',
    ...(dockerfile === undefined || dockerfileInline !== undefined ? {} : { dockerfile }),
    dockerfileInline,
    ...(Object.keys(args).length > 0 ? { args } : {}),
    target,
    network,
  };
  return {
    options: Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)),
    images: text === undefined ? [] : imagesOf(text, args),
  };
}
