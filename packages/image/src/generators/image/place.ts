import { BuildError } from '@container-os/core/errors';
import { getProjects, type Tree } from '@nx/devkit';
import { posix } from 'node:path';

/** Where an image is, or will be. */
export interface ImagePlace {
  /** Its folder, relative to the workspace. */
  root: string;
  name: string;
  /** Its Compose file, relative to the workspace. */
  file: string;
}

/**
 * The folder that a user names: a name alone is one of os-images.
 *
 * @throws BuildError NAME_INVALID, NAME_TAKEN
 */
export function placeOf(tree: Tree, directory: string): ImagePlace {
  const root = directory.includes('/') ? posix.normalize(directory).replace(/\/$/, '') : `os-images/${directory}`;
  const name = posix.basename(root);
  if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name) || root.startsWith('..') || root.startsWith('/'))
    throw new BuildError(
      'NAME_INVALID',
      `image ${JSON.stringify(directory)}: expected a folder of the workspace whose name is 1 to 63 lower-case letters, digits and inner hyphens`,
      { hint: 'Give another name, such as os-images/shop.' },
    );
  const other = getProjects(tree).get(name);
  if (other && posix.normalize(other.root) !== root)
    throw new BuildError('NAME_TAKEN', `image ${root}: the project in ${other.root} is called "${name}" already`, {
      hint: `Give the folder another name, such as ${root}-os.`,
    });
  return { root, name, file: `${root}/compose.yaml` };
}
