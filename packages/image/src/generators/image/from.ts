import { DEFAULT_NAMES, load, overrideOf } from '@container-os/compose-file';
import { BuildError } from '@container-os/core/errors';
import type { Tree } from '@nx/devkit';
import { join, posix, relative } from 'node:path';
import { parseDocument } from 'yaml';
import { schemaLine } from '../write.ts';
import type { ImagePlace } from './place.ts';
import { relocate } from './relocate.ts';
import { textsOf, writeImage } from './write-image.ts';

const BUILDAH = 'buildah builds these services on this machine. An image that is built elsewhere: x-os: { image: "oci-archive:./web.tar" }';

/**
 * Writes an image of a user's Compose files: one that includes them, or a copy.
 *
 * @param from relative to the workspace; later files are merged over earlier ones; a directory stands for the Compose file in it; a single file
 *   brings its override along, as without -f in Docker
 * @returns names of the services that buildah builds
 * @throws BuildError COMPOSE_FILE_MISSING, IMAGE_EXISTS, COPY_INVALID, and what the plugin refuses of the result
 */
export function imageFrom(tree: Tree, place: ImagePlace, from: readonly string[], copy: boolean): string[] {
  const named = from.map((path) => sourceOf(tree, path));
  const [first = '', another] = named;
  const override = another === undefined ? overrideOf(first, (path) => tree.exists(path)) : undefined;
  const sources = override === undefined ? named : [first, override];
  if (sources.includes(place.file))
    throw new BuildError('IMAGE_EXISTS', `${place.file} is the file that --from names`, {
      hint: 'Name another folder. Or make the file an image where it is: add the line "x-os: {}".',
    });
  const built = servicesToBuild(tree, sources);
  writeImage(tree, place, copy ? copied(tree, place, sources, built) : including(place, sources, built));
  return built;
}

/** The Compose file that a user names, or the one in a folder. @throws BuildError COMPOSE_FILE_MISSING */
export function sourceOf(tree: Tree, from: string): string {
  const path = posix.normalize(posix.isAbsolute(from) ? relative(tree.root, from) : from).replace(/\/$/, '');
  const found = [path, ...DEFAULT_NAMES.map((name) => posix.join(path, name))].find((one) => !one.startsWith('..') && tree.exists(one) && tree.isFile(one));
  if (found !== undefined) return found;
  throw new BuildError('COMPOSE_FILE_MISSING', `${from}: the workspace has no such Compose file`, {
    hint: "Name the file from the workspace's root, such as compose.yaml. A file that is elsewhere has to be moved into the workspace.",
  });
}

/** Services that are to be built, for which nobody has said yet where the OS has their image from. */
function servicesToBuild(tree: Tree, sources: readonly string[]): string[] {
  const paths = sources.map((source) => join(tree.root, source));
  const { model } = load({ files: textsOf(tree), root: tree.root, paths, pathsOnly: true, environment: new Map(), projectName: 'x' });
  return [...model.services].flatMap(([name, { build, extensions }]) => (build && !extensions?.has('x-os') ? [name] : []));
}

function including({ root, name, file }: ImagePlace, sources: readonly string[], built: readonly string[]): Record<string, string> {
  const paths = [...sources.map((source) => posix.relative(root, source)), ...(built.length > 0 ? ['build.yaml'] : [])].map((path) => JSON.stringify(path));
  const include = paths.length === 1 ? paths[0] : `path: [${paths.join(', ')}]`;
  return {
    [file]: `${schemaLine(root)}name: ${name}\ninclude:\n  - ${include}\nx-os: {}\n`,
    ...(built.length > 0
      ? { [`${root}/build.yaml`]: `# ${BUILDAH}\nservices:\n${built.map((service) => `  ${service}: { x-os: { build: buildah } }\n`).join('')}` }
      : {}),
  };
}

function copied(tree: Tree, { root, name, file }: ImagePlace, sources: readonly string[], built: readonly string[]): Record<string, string> {
  const [source, another] = sources;
  if (source === undefined || another !== undefined)
    throw new BuildError('COPY_INVALID', `--copy takes one file, and there are ${sources.join(', ')}`, {
      hint: 'Leave out --copy: the image then includes the files.',
    });
  const original = tree.read(source, 'utf8') ?? '';
  const [fault] = parseDocument(original, { logLevel: 'silent' }).errors;
  if (fault) throw new BuildError('COPY_INVALID', `${source}: ${fault.message}`, { hint: 'Leave out --copy: the image then includes the file.' });
  const text = relocate(original, { from: posix.dirname(source), to: root, name, built });
  // Docker has the variables of the file from there.
  const env = /\$[A-Za-z_{]/.test(original) ? tree.read(posix.join(posix.dirname(source), '.env'), 'utf8') : null;
  return { [file]: schemaLine(root) + text, ...(env === null ? {} : { [`${root}/.env`]: env }) };
}
