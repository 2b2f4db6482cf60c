import { BuildError } from '@container-os/core/errors';
import type { Content } from '@container-os/core/hasher';
import { walk, type Found } from '@container-os/core/walk';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { imagesOf } from './dockerfile.ts';
import { dockerignore } from './dockerignore.ts';
import type { OciBuildOptions } from './schema.d.ts';

/** What a build reads of the workspace. */
export interface BuildInputs {
  /** Of the Dockerfile. */
  text: string;
  /** Images of registries that the Dockerfile names. */
  images: string[];
  /** What COPY sees. */
  files: Found[];
}

/**
 * The Dockerfile, and the context without what .dockerignore excludes.
 *
 * @throws BuildError BUILD_CONTEXT_INVALID, DOCKERFILE_MISSING, and those of imagesOf
 */
export function readBuildInputs(options: OciBuildOptions, { workspaceRoot, root }: { workspaceRoot: string; root: string }): BuildInputs {
  const { context, dockerfile, dockerfileInline, args } = options;
  const directory = join(workspaceRoot, root, context);
  if (relative(workspaceRoot, directory).startsWith('..'))
    throw new BuildError('BUILD_CONTEXT_INVALID', `${context}: the context of a build must be in the workspace`, { hint: 'Move it there.' });
  const ignoreText = read(join(directory, `${dockerfile}.dockerignore`)) ?? read(join(directory, '.dockerignore')) ?? '';
  const text = dockerfileInline ?? read(join(directory, dockerfile));
  if (text === undefined)
    throw new BuildError('DOCKERFILE_MISSING', `${join(relative(workspaceRoot, directory), dockerfile)}: no such file`, {
      hint: 'Create it, or correct "context" or "dockerfile" of the service\'s "build".',
    });
  const isIgnored = dockerignore(ignoreText);
  const files = [...walk(directory)].filter(({ path }) => !isIgnored(path));
  return { text, images: imagesOf(text, args), files };
}

/** What the hash has of them: the digest of each image by the lock file among it. */
export const hashedInputs: Content = (options, place) => {
  const { text, images, files } = readBuildInputs(options as unknown as OciBuildOptions, place);
  const lock = JSON.parse(read(join(place.workspaceRoot, place.root, 'images.lock.json')) ?? '{}') as Record<string, { digest?: string }>;
  const hash = createHash('sha256');
  for (const found of files) hash.update(`${JSON.stringify(describe(found))}\n`);
  return {
    Dockerfile: text,
    context: hash.digest('hex'),
    ...Object.fromEntries(images.map((image) => [`image ${image}`, lock[image]?.digest ?? 'not locked'])),
  };
};

/** What of a file can be seen in an image that has it. */
function describe(found: Found): unknown[] {
  const { path, type } = found;
  if (type === 'file') return [path, found.executable, createHash('sha256').update(readFileSync(found.file)).digest('hex')];
  return [path, type, ...(type === 'symlink' ? [found.target] : [])];
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}
