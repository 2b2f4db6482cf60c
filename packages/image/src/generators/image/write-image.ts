import { BuildError } from '@container-os/core/errors';
import type { Tree } from '@nx/devkit';
import { join, relative } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parseDocument } from 'yaml';
import { readImage } from '../../infer/definition.ts';
import type { Texts } from '../../infer/texts.ts';
import { write } from '../write.ts';
import type { ImagePlace } from './place.ts';

/**
 * Writes the files of an image. Those that say the same already stay as they are.
 *
 * @param files texts by path, relative to the workspace
 * @throws BuildError IMAGE_EXISTS, and what the plugin refuses of the result
 */
export function writeImage(tree: Tree, place: ImagePlace, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    const there = tree.read(path, 'utf8');
    if (there !== null && !saysTheSame(there, text))
      throw new BuildError('IMAGE_EXISTS', `${path} is there, and is not what this command writes`, {
        hint: `Name another folder, delete ${path}, or add the services to the file by hand.`,
      });
    if (there === null) write(tree, path, text);
  }
  // The plugin would refuse the file with every nx command that follows.
  readImage(join(tree.root, place.file), tree.root, textsOf(tree));
}

/** What people add to a file that was generated, and how it is formatted, does not count. */
function saysTheSame(there: string, text: string): boolean {
  const said = (yaml: string): unknown[] => {
    const { services, include, ...other } = (parseDocument(yaml, { logLevel: 'silent' }).toJS() ?? {}) as Record<string, unknown>;
    return services || include ? [services, include] : [other];
  };
  return there === text || isDeepStrictEqual(said(there), said(text));
}

/** What is on disk, with what the generator has written. */
export function textsOf(tree: Tree): Texts {
  const read = (path: string): string | undefined => {
    const inTree = relative(tree.root, path);
    return tree.exists(inTree) && tree.isFile(inTree) ? (tree.read(inTree, 'utf8') ?? undefined) : undefined;
  };
  // eslint-disable-next-line no-restricted-syntax -- the image names it, and the plugin will read it so
  return { read, variable: (name) => process.env[name], asked: {} };
}
