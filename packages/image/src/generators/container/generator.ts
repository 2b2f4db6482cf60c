import { BuildError } from '@container-os/core/errors';
import { createProjectGraphAsync, type Tree } from '@nx/devkit';
import { reporting } from '../reporting.ts';
import { addContainer } from './add-container.ts';
import type { ContainerGeneratorOptions } from './schema.d.ts';

/**
 * Adds a service to the compose.yaml of an image, whose comments and order stay. A service that is there is left as it is.
 *
 * @throws BuildError IMAGE_MISSING, NAME_INVALID, FILE_INVALID
 * @example npx nx g @container-os/image:container mail --image shop
 */
export default reporting<ContainerGeneratorOptions>(async (tree: Tree, { name, image, from, port }) => {
  // The project is inferred: the tree alone does not have it.
  const file = `${(await createProjectGraphAsync()).nodes[image]?.data.root ?? image}/compose.yaml`;
  if (!tree.exists(file)) {
    throw new BuildError('IMAGE_MISSING', `there is no image "${image}": no project of that name has a compose.yaml`, {
      hint: 'Name an image; npx nx show projects lists all projects.',
    });
  }
  addContainer(tree, file, name, { port, published: port, from });
  return [
    `npx nx run ${image}:bundle-${name}  builds the container`,
    ...(from === undefined ? [] : [`npx nx run ${image}:update-sources  locks what ${from} names now`]),
  ];
});
